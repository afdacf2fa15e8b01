using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.IngestGateway.Configuration;
using StellaOps.Telemetry.IngestGateway.Redis;
using StellaOps.Telemetry.IngestGateway.Sampling;

namespace StellaOps.Telemetry.IngestGateway.Incidents;

/// <summary>Tells the incident service every second what incidents keep here, so that it can say what they cost and step a storm down.</summary>
internal sealed class IncidentUsageReporter(
    IncidentUsage usage, IIncidentScopes incidents, RedisLink link, SigningKey identity, GatewayOptions options, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);

    /// <summary>How long the last word on an incident stands after its end.</summary>
    private static readonly TimeSpan s_afterwards = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, DateTimeOffset> _lastOpen = new(StringComparer.Ordinal);
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!link.IsConfigured)
        {
            return;
        }

        try
        {
            await ReportAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    private async Task ReportAsync(CancellationToken stoppingToken)
    {
        // A report of a former life says nothing of this one.
        await link.TryAsync(database => database.HashDeleteAsync(KnownRedis.IncidentUsage, options.Id), stoppingToken);
        var (reported, hadOpen) = (0L, false);
        using var timer = new PeriodicTimer(s_period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var (changes, isOpen) = (usage.Changes, incidents.Current.Active.Length > 0);

            // Also when nothing came in this second, as long as an incident is open, and once after: a rate falls to nothing only by being told.
            if (changes != reported || isOpen || hadOpen)
            {
                (reported, hadOpen) = (changes, isOpen);
                var envelope = Envelope(time.GetUtcNow());
                await link.TryAsync(database => database.HashSetAsync(KnownRedis.IncidentUsage, options.Id, envelope), stoppingToken);
            }
        }
    }

    private byte[] Envelope(DateTimeOffset now)
    {
        foreach (var incident in incidents.Current.Active)
        {
            _lastOpen[incident.Id] = now;
        }

        foreach (var id in _lastOpen.Where(o => o.Value + s_afterwards < now).Select(o => o.Key).ToList())
        {
            _lastOpen.Remove(id);
        }

        var report = new IncidentUsageReport(options.Id, _startedAt, now, usage.Read(_lastOpen.ContainsKey));
        return Dsse.Sign(IncidentUsageReport.PayloadType, JsonSerializer.SerializeToUtf8Bytes(report, ContractsJson.Default.IncidentUsageReport), identity, withKeyId: true);
    }
}
