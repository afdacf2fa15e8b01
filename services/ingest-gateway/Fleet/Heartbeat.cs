using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server.Features;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.IngestGateway.Configuration;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.IngestGateway.Redis;
using IServer = Microsoft.AspNetCore.Hosting.Server.IServer;

namespace StellaOps.Telemetry.IngestGateway.Fleet;

/// <summary>Says every two seconds that this gateway is there, so that captures know whom to ask. Leaves when it is stopped in order.</summary>
internal sealed class Heartbeat(RedisLink link, GatewayOptions options, IPipelineStatus pipeline, IServer server, IHostApplicationLifetime lifetime, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_farewell = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!link.IsConfigured)
        {
            return;
        }

        // Only then are the addresses those that were bound, and the gateway one that can be asked.
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (stoppingToken.IsCancellationRequested)
        {
            return;
        }

        var startedAt = time.GetUtcNow();
        using var timer = new PeriodicTimer(s_period, time);
        try
        {
            do
            {
                await link.TryAsync(
                    database =>
                    {
                        var beat = new GatewayHeartbeat(options.Id, startedAt, time.GetUtcNow(), AdminUrl(), pipeline.EarliestAcceptedAtUnixNano?.ToString(CultureInfo.InvariantCulture));
                        return database.HashSetAsync(KnownRedis.Gateways, options.Id, JsonSerializer.SerializeToUtf8Bytes(beat, ContractsJson.Default.GatewayHeartbeat));
                    },
                    stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (link.IsConfigured)
        {
            // Redis may be stopping too. It forgets this gateway then anyway, and a stop is no time to wait for it.
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(s_farewell);
            try
            {
                await link.TryAsync(database => database.HashDeleteAsync(KnownRedis.Gateways, options.Id).WaitAsync(patience.Token), patience.Token);
            }
            catch (OperationCanceledException)
            {
                // Not heard in time.
            }
        }
    }

    private string? AdminUrl() => server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault();
}
