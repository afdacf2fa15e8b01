namespace StellaOps.Telemetry.Redaction.Scanning;

/// <summary>A set of <see cref="ValueClass"/>.</summary>
[Flags]
internal enum ValueClasses
{
    None = 0,
    Token = 1 << ValueClass.Token,
    Email = 1 << ValueClass.Email,
    Ipv6 = 1 << ValueClass.Ipv6,
    Ipv4 = 1 << ValueClass.Ipv4,
    Iban = 1 << ValueClass.Iban,
    Card = 1 << ValueClass.Card,
    NationalId = 1 << ValueClass.NationalId,
    Pattern = 1 << ValueClass.Pattern,
    BuiltIn = Pattern - 1,
}
