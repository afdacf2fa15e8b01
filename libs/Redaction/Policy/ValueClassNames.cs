namespace StellaOps.Telemetry.Redaction;

/// <summary>Names of the built-in classes as they stand in documents.</summary>
internal static class ValueClassNames
{
    public static IReadOnlyList<(string Name, ValueClass Class)> All { get; } =
    [
        ("token", ValueClass.Token),
        ("email", ValueClass.Email),
        ("ipv6", ValueClass.Ipv6),
        ("ipv4", ValueClass.Ipv4),
        ("iban", ValueClass.Iban),
        ("card", ValueClass.Card),
        ("national_id", ValueClass.NationalId),
    ];
}
