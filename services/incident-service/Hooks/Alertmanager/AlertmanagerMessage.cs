namespace StellaOps.Telemetry.IncidentService.Hooks.Alertmanager;

/// <summary>
/// What Alertmanager posts, as far as it is looked at: https://prometheus.io/docs/alerting/0.25/configuration/#webhook_config
/// </summary>
internal sealed record AlertmanagerMessage(string? Version, IReadOnlyList<AlertmanagerAlert?>? Alerts)
{
    /// <summary>The one version there is.</summary>
    public const string KnownVersion = "4";

    public const int MaxAlerts = 1000;
    private const int MaxFaults = 20;
    private const int MaxLabels = 128;
    private const int MaxText = 128;

    /// <summary>What is wrong with it; empty when nothing.</summary>
    public List<(string Field, string Message)> Faults()
    {
        if (Version != KnownVersion)
        {
            return [("version", $"must be \"{KnownVersion}\", the only version of Alertmanager's webhook that is known here")];
        }

        if (Alerts is not { Count: > 0 and <= MaxAlerts })
        {
            return [("alerts", $"must be 1 to {MaxAlerts}: set max_alerts of the webhook, or group by more labels")];
        }

        return [.. Alerts.Index().SelectMany(a => FaultsOf(a.Item).Select(f => ($"alerts[{a.Index}].{f.Field}", f.Message))).Take(MaxFaults)];
    }

    private static IEnumerable<(string Field, string Message)> FaultsOf(AlertmanagerAlert? alert)
    {
        if (alert?.Status is not (AlertmanagerAlert.Firing or AlertmanagerAlert.Resolved))
        {
            yield return ("status", $"must be {AlertmanagerAlert.Firing} or {AlertmanagerAlert.Resolved}");
        }

        if (alert?.Fingerprint is not { Length: > 0 and <= MaxText } fingerprint || !fingerprint.All(char.IsAsciiLetterOrDigit))
        {
            yield return ("fingerprint", $"must have 1 to {MaxText} letters and digits");
        }

        if (alert?.StartsAt is not { Length: > 0 and <= MaxText } startsAt || startsAt.Any(char.IsControl))
        {
            yield return ("startsAt", "is needed");
        }

        // PostgreSQL's texts hold everything but this one character.
        if (alert?.Labels is not { Count: > 0 and <= MaxLabels } labels || labels.Any(l => l.Value is null || l.Value.Contains('\0')))
        {
            yield return ("labels", $"must be 1 to {MaxLabels}, of texts");
        }
    }
}
