namespace StellaOps.Telemetry.IncidentService.Notify.Deliveries;

/// <summary>Makes what a target said fit to be kept and shown.</summary>
internal static class Reasons
{
    public const int MaxLength = 500;

    // Shorter ones would blot out ordinary words; none of ours is.
    private const int MinSecret = 6;

    /// <summary>On one line, bounded, and without any of the secrets, which a target may echo.</summary>
    public static string Of(string text, params IEnumerable<string> secrets)
    {
        foreach (var secret in secrets.Where(s => s.Length >= MinSecret))
        {
            text = text.Replace(secret, "***", StringComparison.OrdinalIgnoreCase);
        }

        var line = string.Concat(text.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c)).Trim();
        return line.Length > MaxLength ? string.Concat(line.AsSpan(0, MaxLength - 3), "...") : line;
    }
}
