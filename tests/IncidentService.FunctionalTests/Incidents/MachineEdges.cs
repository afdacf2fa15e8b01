using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.IncidentService.Incidents;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Incidents;

/// <summary>What can be done to an incident.</summary>
public enum Operation
{
    Activate,
    Stop,
    StopNow,
    Extend,
    Replace,
    Tick,
}

/// <summary>One edge of the state machine, and the shortest way to it: operations, each with the second at which it is done.</summary>
public sealed record MachineEdge(IncidentState From, IncidentState To, IReadOnlyList<(Operation Operation, double At)> Way)
{
    public override string ToString() => $"{From} -> {To} by {string.Join(", ", Way.Select(w => $"{w.Operation} at {w.At}"))}";
}

/// <summary>Finds the machine's edges by doing everything in every state at every kind of time, breadth first.</summary>
internal static class MachineEdges
{
    public const int Ttl = 100;
    public const int Cooldown = 50;

    // Within the TTL, within the cooldown after it, just after expiresAt, and long after it.
    private static readonly double[] s_steps = [1, Ttl, Ttl + Cooldown, Ttl + Cooldown + 60];

    public static IReadOnlyList<MachineEdge> Find()
    {
        var edges = new Dictionary<(IncidentState, IncidentState, Operation), MachineEdge>();
        var seen = new HashSet<(IncidentState, double Now, DateTimeOffset, DateTimeOffset, bool)>();
        var queue = new Queue<(Incident Incident, double Now, List<(Operation, double)> Way)>();
        queue.Enqueue((Incidents.Start(Ttl, Cooldown), 0, []));
        while (queue.TryDequeue(out var at))
        {
            foreach (var operation in Enum.GetValues<Operation>())
            {
                foreach (var now in s_steps.Select(s => at.Now + s))
                {
                    var next = Apply(at.Incident, operation, Incidents.At(now));
                    List<(Operation, double)> way = [.. at.Way, (operation, now)];
                    if (next.State != at.Incident.State)
                    {
                        edges.TryAdd((at.Incident.State, next.State, operation), new MachineEdge(at.Incident.State, next.State, way));
                    }

                    if (next.Version != at.Incident.Version && way.Count < 4 && seen.Add((next.State, now, next.ActiveUntil, next.ExpiresAt, next.EndedAt is null)))
                    {
                        queue.Enqueue((next, now, way));
                    }
                }
            }
        }

        return [.. edges.Values];
    }

    public static Incident Apply(Incident incident, Operation operation, DateTimeOffset now) => operation switch
    {
        Operation.Activate => IncidentMachine.Activate(incident, now),
        Operation.Stop => IncidentMachine.Stop(incident, skipCooldown: false, now),
        Operation.StopNow => IncidentMachine.Stop(incident, skipCooldown: true, now),
        Operation.Extend => IncidentMachine.Extend(incident, Ttl, now),
        Operation.Replace => IncidentMachine.Supersede(incident, "inc-2", now),
        Operation.Tick => IncidentMachine.Tick(incident, now),
        _ => throw new ArgumentOutOfRangeException(nameof(operation)),
    };
}
