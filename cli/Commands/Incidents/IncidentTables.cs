using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Incidents;

namespace StellaOps.Telemetry.Cli.Commands.Incidents;

internal static class IncidentTables
{
    public static Table Of(params IEnumerable<IncidentResponse> incidents)
    {
        var table = OutputWriter.NewTable("INCIDENT", "TENANT", "STATE", "SAMPLING", "STARTED", "EXPIRES", "REASON");
        foreach (var incident in incidents)
        {
            table.AddRow(
                Markup.Escape(incident.Id),
                incident.Tenant.Value,
                StateOf(incident),
                SamplingOf(incident),
                OutputWriter.Time(incident.StartedAt),
                OutputWriter.Time(incident.ExpiresAt),
                Markup.Escape(incident.Reason));
        }

        return table;
    }

    /// <summary>One incident in full.</summary>
    public static Table Details(IncidentResponse incident) => OutputWriter.Properties(
        ("incident", incident.Id),
        ("state", StateOf(incident)),
        ("tenant", incident.Tenant.Value),
        ("services", incident.Services.Count == 0 ? "all" : string.Join(", ", incident.Services)),
        ("match", incident.Match.Count == 0 ? null : string.Join(", ", incident.Match.Select(m => $"{m.Key}={m.Value}"))),
        ("reason", incident.Reason),
        ("severity", Word(incident, "severity")),
        ("opened by", incident.Origin.Rule is { } rule ? $"{incident.OpenedBy}, rule {rule}" : incident.OpenedBy),
        ("sampling", SamplingOf(incident)),
        ("started", OutputWriter.Time(incident.StartedAt)),
        ("active until", OutputWriter.Time(incident.ActiveUntil)),
        ("expires", OutputWriter.Time(incident.ExpiresAt)),
        ("ended", incident.EndedAt is { } ended ? OutputWriter.Time(ended) : null),
        ("evidence from", OutputWriter.Time(incident.StartedAt.AddSeconds(-incident.LookbackSeconds))),
        ("captures", CapturesOf(incident.Captures)),
        ("retained", incident.RetainUntil is { } until ? "until " + OutputWriter.Time(until) : "without end (legal hold)"),
        ("replaces", incident.Replaces),
        ("superseded by", incident.SupersededBy),
        ("costs", incident.Cost is { } cost ? CostOf(cost) : null));

    /// <summary>At most this much more than without the incident.</summary>
    public static string CostOf(IncidentCost cost) => string.Create(
        CultureInfo.InvariantCulture,
        $"{cost.SpansPerSecond:0.#} spans/s, {cost.BytesPerSecond / 1024:0.#} KiB/s; {cost.Spans} spans, {cost.Bytes / 1048576.0:0.##} MiB so far (uncompressed)");

    public static Table Timeline(IncidentResponse incident)
    {
        var table = OutputWriter.NewTable("AT", "WHO", "WHAT", "DETAIL");
        foreach (var step in incident.Timeline)
        {
            table.AddRow(OutputWriter.Time(step.At), Markup.Escape(step.Actor), Markup.Escape(step.Action), Markup.Escape(step.Detail ?? "-"));
        }

        return table;
    }

    public static string StateOf(IncidentResponse incident) => Word(incident, "state");

    private static string SamplingOf(IncidentResponse incident)
    {
        var asked = incident.SamplingRate.ToString("P0", CultureInfo.InvariantCulture);
        return incident.EndedAt is not null || incident.EffectiveSamplingRate == incident.SamplingRate
            ? asked
            : string.Create(CultureInfo.InvariantCulture, $"{incident.EffectiveSamplingRate:P0} of {asked} asked");
    }

    private static string CapturesOf(IncidentCaptures captures)
    {
        string[] when = [.. captures.OnOpen ? ["on open"] : (string[])[], .. captures.EverySeconds is { } every ? [$"every {every} s"] : (string[])[], .. captures.OnClose ? ["on close"] : (string[])[]];
        return when.Length == 0 ? "none" : string.Join(", ", when);
    }

    private static string Word(IncidentResponse incident, string property) =>
        JsonSerializer.SerializeToElement(incident, ContractsJson.Default.IncidentResponse).GetProperty(property).GetString()!;
}
