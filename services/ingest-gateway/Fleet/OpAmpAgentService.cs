using StellaOps.Telemetry.IngestGateway.Configuration;
using StellaOps.Telemetry.OpAmp.Client;
using StellaOps.Telemetry.OpAmp.Model;

namespace StellaOps.Telemetry.IngestGateway.Fleet;

/// <summary>
/// The gateway as an agent of a fleet. Whether there is a server changes nothing for senders: the profile in force stays in force.
/// </summary>
internal sealed partial class OpAmpAgentService(
    GatewayConfiguration configuration,
    FleetIdentity identity,
    FleetHealth health,
    EffectiveProfile effective,
    IOpAmpAgentHandler handler,
    FleetConnections connections,
    TimeProvider time,
    ILoggerFactory loggers) : BackgroundService
{
    private const AgentCapabilities Capabilities =
        AgentCapabilities.ReportsStatus | AgentCapabilities.AcceptsRemoteConfig | AgentCapabilities.ReportsRemoteConfig | AgentCapabilities.ReportsEffectiveConfig
        | AgentCapabilities.ReportsHealth | AgentCapabilities.ReportsHeartbeat;

    // What matters is said within a second; numbers that only grow, less often.
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);
    private const int LooksPerReport = 10;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var options = new OpAmpAgentOptions { Endpoint = new Uri(configuration.Fleet.OpAmpUrl!), InstanceUid = identity.ReadOrCreate(time.GetUtcNow()), Capabilities = Capabilities };
        if (options.Endpoint is { Scheme: "ws" or "http", IsLoopback: false })
        {
            LogPlaintext(loggers.CreateLogger<OpAmpAgentService>(), options.Endpoint);
        }

        var agent = new OpAmpAgent(options, FleetDescription.Of(configuration.Options.Id, configuration.Fleet), handler, connections.Http, time, loggers.CreateLogger<OpAmpAgent>());
        agent.Report(health.Build());
        agent.Report(effective.Build());
        await Task.WhenAll(agent.RunAsync(stoppingToken), ReportAsync(agent, stoppingToken));
    }

    private async Task ReportAsync(OpAmpAgent agent, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(s_look, time);
        ComponentHealth? said = null;
        try
        {
            for (var look = 0; await timer.WaitForNextTickAsync(cancellationToken); look++)
            {
                agent.Report(effective.Build());
                var now = health.Build();
                if (look % LooksPerReport == 0 || FleetHealth.IsUrgent(said, now))
                {
                    agent.Report(said = now);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    [LoggerMessage(EventIds.FleetInPlaintext, LogLevel.Warning, "the OpAMP server {Endpoint} is spoken to in plaintext outside loopback: whoever is between reads this gateway's token; write wss:// or https://")]
    private static partial void LogPlaintext(ILogger logger, Uri endpoint);
}
