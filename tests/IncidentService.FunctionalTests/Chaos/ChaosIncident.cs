using System.Net;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.IncidentService.FunctionalTests.Incidents;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Chaos;

/// <summary>One incident on its way to one edge, asked for as a person with a script would: again until there is an answer.</summary>
internal sealed class ChaosIncident(ChaosStack stack, MachineEdge edge)
{
    public const int TtlSeconds = 2;
    public const int CooldownSeconds = 1;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private readonly string _key = Guid.NewGuid().ToString("n");

    public MachineEdge Edge => edge;

    /// <summary>What stands in its own place; null when the edge has none.</summary>
    public string? Replacement { get; private set; }

    /// <summary>Whether the edge leads out of what gateways were not told of: Redis must not answer meanwhile.</summary>
    public bool NeedsFrozenRedis => edge.From == IncidentState.Requested && edge.To != IncidentState.Active;

    /// <summary>Whether the edge is taken only when nobody was there in time.</summary>
    public bool NeedsFrozenService => edge.To == IncidentState.Expired && edge.From != IncidentState.Requested;

    /// <summary>Whether the start itself is the edge.</summary>
    public bool IsStart => edge.To == IncidentState.Active && edge.From == IncidentState.Requested;

    /// <summary>Whether it is the clock that takes the edge.</summary>
    public bool IsByClock => edge.Way[^1].Operation == Operation.Tick;

    public IncidentResponse? Started { get; private set; }

    public string Id => Started?.Id ?? throw new InvalidOperationException($"{edge}: not started");

    public async Task StartAsync()
    {
        var request = new StartIncidentRequest(
            ChaosStack.Tenant, null, edge.ToString()[..Math.Min(400, edge.ToString().Length)], TtlSeconds: TtlSeconds, CooldownSeconds: CooldownSeconds, Captures: new IncidentCaptures(OnClose: false));
        await UntilAnsweredAsync(async () => Started = await stack.Incidents.StartAsync(request, _key, CancellationToken.None));
    }

    /// <summary>What leads up to the edge, beside the start.</summary>
    public async Task ApproachAsync()
    {
        foreach (var (operation, _) in edge.Way.SkipLast(1).Where(w => w.Operation != Operation.Activate))
        {
            await DoAsync(operation);
        }
    }

    /// <summary>Takes the edge; where time does, there is nothing to do.</summary>
    public Task TakeAsync() => IsStart ? StartAsync() : DoAsync(edge.Way[^1].Operation);

    public Task<IncidentResponse> ReadAsync() => stack.Incidents.GetAsync(Id, CancellationToken.None);

    private Task DoAsync(Operation operation) => operation switch
    {
        Operation.Stop => UntilAnsweredAsync(() => stack.Incidents.StopAsync(Id, new StopIncidentRequest(), CancellationToken.None)),
        Operation.StopNow => UntilAnsweredAsync(() => stack.Incidents.StopAsync(Id, new StopIncidentRequest(Now: true), CancellationToken.None)),
        Operation.Extend => UntilAnsweredAsync(() => stack.Incidents.ExtendAsync(Id, new ExtendIncidentRequest(TtlSeconds), CancellationToken.None)),
        Operation.Replace => UntilAnsweredAsync(async () => Replacement = (await stack.Incidents.StartAsync(
            new StartIncidentRequest(ChaosStack.Tenant, null, "in its place", TtlSeconds: 1, CooldownSeconds: 0, Captures: new IncidentCaptures(OnClose: false), Replaces: Id), _key + "-r", CancellationToken.None)).Id),
        _ => Task.CompletedTask,
    };

    /// <summary>Whatever is away is waited for; that it has ended meanwhile is an answer too.</summary>
    private static Task UntilAnsweredAsync(Func<Task> ask) => Eventually.HoldsAsync(
        async () =>
        {
            try
            {
                await ask();
                return true;
            }
            catch (ApiException e) when (e.Status == HttpStatusCode.Conflict)
            {
                return true;
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException or IOException or ApiException { Status: >= HttpStatusCode.InternalServerError })
            {
                return false;
            }
        },
        s_patience,
        "the incident service answers");
}
