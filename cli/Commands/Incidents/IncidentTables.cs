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
                incident.SamplingRate.ToString("P0", CultureInfo.InvariantCulture),
                OutputWriter.Time(incident.StartedAt),
                OutputWriter.Time(incident.ExpiresAt),
                Markup.Escape(incident.Reason));
        }

        return table;
    }

    public static Table Timeline(IncidentResponse incident)
    {
        var table = OutputWriter.NewTable("AT", "WHO", "WHAT", "DETAIL");
        foreach (var step in incident.Timeline)
        {
            table.AddRow(OutputWriter.Time(step.At), Markup.Escape(step.Actor), Markup.Escape(step.Action), Markup.Escape(step.Detail ?? "-"));
        }

        return table;
    }

    private static string StateOf(IncidentResponse incident) => JsonSerializer.SerializeToElement(incident, ContractsJson.Default.IncidentResponse).GetProperty("state").GetString()!;
}
