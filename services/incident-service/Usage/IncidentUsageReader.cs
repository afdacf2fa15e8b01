using System.Text.Json;
using StackExchange.Redis;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.ServiceDefaults.Redis;

namespace StellaOps.Telemetry.IncidentService.Usage;

/// <summary>Reads every second what gateways report. What is not signed by a gateway is passed over.</summary>
internal sealed class IncidentUsageReader(IncidentUsageState state, TrustStore trust, RedisConnection redis, TimeProvider time) : BackgroundService
{
    private const int MaxReportBytes = 4 << 20;
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);

    // By gateway: what was judged last. A gateway that has nothing to say leaves it as it is.
    private readonly Dictionary<string, byte[]> _judged = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                foreach (var field in await (await redis.GetDatabaseAsync(stoppingToken)).HashGetAllAsync(KnownRedis.IncidentUsage))
                {
                    Take(field.Name.ToString(), (byte[])field.Value!);
                }
            }
            catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
            {
                // The publisher logs what keeps it from Redis; costs are as they were, and rates go stale.
            }
        }
    }

    private void Take(string gatewayId, byte[] envelope)
    {
        if (envelope.Length > MaxReportBytes || (_judged.TryGetValue(gatewayId, out var known) && known.AsSpan().SequenceEqual(envelope)))
        {
            return;
        }

        _judged[gatewayId] = envelope;
        if (!trust.TryOpen(envelope, IncidentUsageReport.PayloadType, KnownKeyUses.IncidentUsage, out var payload, out _))
        {
            return;
        }

        try
        {
            if (JsonSerializer.Deserialize(payload.Span, ContractsJson.Default.IncidentUsageReport) is { Incidents: not null } report && report.GatewayId == gatewayId)
            {
                state.Take(report);
            }
        }
        catch (JsonException)
        {
            // Signed, and yet not a report: a gateway of another version.
        }
    }
}
