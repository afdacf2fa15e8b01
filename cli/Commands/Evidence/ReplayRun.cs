using System.Buffers;
using System.Net.Http.Headers;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Evidence.Bundles;

namespace StellaOps.Telemetry.Cli.Commands.Evidence;

/// <summary>One replay: reads the bundle in its order, sends batches of consecutive records, and counts.</summary>
internal sealed class ReplayRun(CommandContext context, ReplayPlan plan, HttpClient http)
{
    private const int MaxBatchRecords = 500;
    private const int MaxBatchBytes = 1024 * 1024;
    private static readonly TimeSpan s_ledgerPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_ledgerPoll = TimeSpan.FromMilliseconds(250);

    // Frames laid end to end are one Export request with a resource entry for each: repeated fields of protobuf concatenate.
    private readonly ArrayBufferWriter<byte> _batch = new();
    private readonly Dictionary<Signal, Count> _counts = [];
    private readonly List<string> _failures = [];
    private readonly string _replayId = Guid.NewGuid().ToString("n");
    private int _batchRecords;
    private long _sent;

    public async Task<ReplayReport> RunAsync(CancellationToken cancellationToken)
    {
        var started = context.Host.Time.GetTimestamp();
        var startedAt = context.Host.Time.GetUtcNow();
        var before = await ReadLedgerAsync(startedAt, cancellationToken);
        var sender = new ReplaySender(http, plan.Endpoint, _replayId, context.Host.Time);
        var reader = new BundleReader(BundleFiles.Locate(plan.Bundle));
        var current = default(Signal);
        await foreach (var (signal, frame) in reader.ReadAsync(cancellationToken))
        {
            if (_batchRecords > 0 && (signal != current || _batchRecords == MaxBatchRecords || _batch.WrittenCount + frame.Length > MaxBatchBytes))
            {
                await FlushAsync(sender, current, started, cancellationToken);
            }

            current = signal;
            _batch.Write(frame.Span);
            _batchRecords++;
        }

        await FlushAsync(sender, current, started, cancellationToken);
        var ledger = await FollowLedgerAsync(startedAt, before, cancellationToken);
        var signals = SignalNames.All
            .Select(s => ToCount(s, reader.Manifest!, ledger))
            .Where(c => c.Manifest > 0 || c.Sent > 0)
            .ToList();
        return new ReplayReport(
            _failures.Count == 0 && signals.All(s => s.Ok(plan.DryRun)),
            Path.GetFileName(plan.Bundle),
            plan.Endpoint.ToString(),
            _replayId,
            plan.DryRun,
            context.Host.Time.GetElapsedTime(started).TotalSeconds,
            signals,
            _failures);
    }

    private async Task FlushAsync(ReplaySender sender, Signal signal, long started, CancellationToken cancellationToken)
    {
        if (_batchRecords == 0)
        {
            return;
        }

        var count = _counts.GetValueOrDefault(signal) ?? (_counts[signal] = new Count());
        count.Sent += _batchRecords;
        if (!plan.DryRun)
        {
            if (plan.Rate is { } rate)
            {
                var due = TimeSpan.FromSeconds(_sent / rate) - context.Host.Time.GetElapsedTime(started);
                if (due > TimeSpan.Zero)
                {
                    await Task.Delay(due, context.Host.Time, cancellationToken);
                }
            }

            var (rejected, reason) = await sender.SendAsync(signal, _batch.WrittenMemory, cancellationToken);
            count.Rejected += rejected;
            count.Accepted += _batchRecords - rejected;
            if (rejected > 0)
            {
                _failures.Add($"batch {sender.Batches - 1} of {signal.ToName()}: {rejected} of {_batchRecords} records rejected: {reason ?? "no reason given"}");
            }
        }

        _sent += _batchRecords;
        _batchRecords = 0;
        _batch.ResetWrittenCount();
    }

    private ReplayCount ToCount(Signal signal, BundleManifest manifest, Dictionary<Signal, long>? ledger)
    {
        var count = _counts.GetValueOrDefault(signal) ?? new Count();
        return new ReplayCount(
            signal.ToName(),
            manifest.Signals.GetValueOrDefault(signal.ToName())?.Records ?? 0,
            count.Sent,
            count.Accepted,
            count.Rejected,
            ledger is null ? null : ledger.GetValueOrDefault(signal));
    }

    // The ledger may be a moment behind the answers.
    private async Task<Dictionary<Signal, long>?> FollowLedgerAsync(DateTimeOffset since, Dictionary<Signal, long>? before, CancellationToken cancellationToken)
    {
        if (before is null || plan.DryRun)
        {
            return null;
        }

        var started = context.Host.Time.GetTimestamp();
        while (true)
        {
            var now = await ReadLedgerAsync(since, cancellationToken);
            var more = SignalNames.All.ToDictionary(s => s, s => now!.GetValueOrDefault(s) - before.GetValueOrDefault(s));
            if (_counts.All(c => more[c.Key] >= c.Value.Accepted) || context.Host.Time.GetElapsedTime(started) > s_ledgerPatience)
            {
                return more;
            }

            await Task.Delay(s_ledgerPoll, context.Host.Time, cancellationToken);
        }
    }

    /// <summary>Records of the tenant that the gateway accepted in the minutes since shortly before the replay.</summary>
    private async Task<Dictionary<Signal, long>?> ReadLedgerAsync(DateTimeOffset since, CancellationToken cancellationToken)
    {
        if (plan.Gateway is null || plan.DryRun)
        {
            return null;
        }

        using var gateway = new HttpClient(context.Host.CreateHandler())
        {
            BaseAddress = plan.Gateway,
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", context.Tokens.Require(KnownScopes.TelemetryRead, plan.Tenant!.Value.Value)) },
        };
        var ledger = await new GatewayClient(gateway).GetLedgerAsync(plan.Tenant.Value, since.AddMinutes(-2), since.AddDays(1), cancellationToken);
        return ledger.Rows.Where(r => r.Tenant == plan.Tenant).GroupBy(r => r.Signal).ToDictionary(g => g.Key, g => g.Sum(r => r.Accepted));
    }

    private sealed class Count
    {
        public long Sent { get; set; }

        public long Accepted { get; set; }

        public long Rejected { get; set; }
    }
}
