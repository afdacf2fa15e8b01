namespace StellaOps.Telemetry.IncidentService.Hooks.Alertmanager;

/// <summary>One alert of a message.</summary>
/// <param name="StartsAt">As it is written: it tells one firing from the next.</param>
/// <param name="Fingerprint">Of the labels.</param>
internal sealed record AlertmanagerAlert(
    string? Status, IReadOnlyDictionary<string, string>? Labels, IReadOnlyDictionary<string, string>? Annotations, string? StartsAt, string? Fingerprint)
{
    public const string Firing = "firing";
    public const string Resolved = "resolved";
}
