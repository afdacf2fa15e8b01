using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts.Incidents;

namespace StellaOps.Telemetry.Cli.Commands.Incidents;

/// <summary>Follows an incident until it has ended: a line for each step of its timeline, and one for its cost whenever that changes.</summary>
internal sealed class IncidentWatch(CommandContext context, IncidentClient client)
{
    private static readonly TimeSpan s_poll = TimeSpan.FromSeconds(1);
    private int _steps;
    private string? _cost;

    public async Task<IncidentResponse> FollowAsync(IncidentResponse incident, CancellationToken cancellationToken)
    {
        Say(incident);
        while (incident.State is IncidentState.Requested or IncidentState.Active or IncidentState.CoolingDown)
        {
            await Task.Delay(s_poll, context.Host.Time, cancellationToken);
            incident = await AskAsync(incident, cancellationToken);
            Say(incident);
        }

        return incident;
    }

    private void Say(IncidentResponse incident)
    {
        foreach (var step in incident.Timeline.Skip(_steps))
        {
            context.Output.Note($"{Output.OutputWriter.Time(step.At)} {step.Action} by {step.Actor}{(step.Detail is { } detail ? ": " + detail : "")}");
        }

        _steps = incident.Timeline.Count;
        if (incident.Cost is { } cost && IncidentTables.CostOf(cost) is var text && text != _cost)
        {
            _cost = text;
            context.Output.Note($"{IncidentTables.StateOf(incident)}, {text}");
        }
    }

    /// <summary>A service that is away for a while does not end the watch: the incident goes on without it.</summary>
    private async Task<IncidentResponse> AskAsync(IncidentResponse last, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetAsync(last.Id, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or ApiException { Status: System.Net.HttpStatusCode.ServiceUnavailable })
        {
            return last;
        }
    }
}
