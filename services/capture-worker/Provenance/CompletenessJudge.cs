using StellaOps.Telemetry.CaptureWorker.Jobs;
using StellaOps.Telemetry.CaptureWorker.Promotion;
using StellaOps.Telemetry.CaptureWorker.Reading;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.Evidence.Bundles;

namespace StellaOps.Telemetry.CaptureWorker.Provenance;

/// <summary>
/// Holds what was read against what gateways say they accepted: their count of the window itself, which they copied, and their ledgers by the
/// minute. What nobody can vouch for is never called complete.
/// </summary>
internal static class CompletenessJudge
{
    private const long Minute = 60_000_000_000;

    public static ProvenanceCompleteness Judge(CaptureJob job, PromotionOutcome promotion, WindowContent content, WrittenBundle bundle)
    {
        var acks = promotion.Acks.Values.OrderBy(a => a.GatewayId, StringComparer.Ordinal).ToList();
        var ledgers = acks.Select(a => new ProvenanceLedger(a.GatewayId, [.. a.Ledger.Where(r => r.Tenant == job.Tenant)])).ToList();
        var accounts = content.Signals.ToDictionary(s => s.Key, s => AccountOf(job, s.Key, s.Value, ledgers, bundle));
        var reasons = promotion.Gaps.Concat(content.Missing.Select(m => m.Text)).ToList();
        if (acks.Count == 0)
        {
            reasons.Add("no gateway said what it accepted in the window");
        }

        var isFiltered = job.Services.Count > 0;
        foreach (var ack in acks.Where(a => a.Failure is null && !isFiltered))
        {
            var read = content.Signals.Values.Sum(s => s.ReadByGateway.GetValueOrDefault(ack.GatewayId));
            if (read < ack.Records)
            {
                reasons.Add($"gateway {ack.GatewayId} copied {ack.Records} records of the window to the archive, which gave back {read}");
            }
        }

        foreach (var gateway in content.Signals.Values.SelectMany(s => s.ReadByGateway.Keys).Distinct().Order(StringComparer.Ordinal).Where(g => !promotion.Acks.ContainsKey(g) && !promotion.Silent.Contains(g)))
        {
            reasons.Add($"the archive holds records of gateway {gateway}, which nobody knows and nobody asked");
        }

        foreach (var (signal, account) in accounts.Where(a => !isFiltered && a.Value.Read < a.Value.AcceptedWithin))
        {
            reasons.Add($"ledgers count {account.AcceptedWithin} {signal.ToName()} records accepted in the window's whole minutes, the archive gave {account.Read}");
        }

        foreach (var row in ledgers.SelectMany(l => l.Rows).Where(r => r.Accepted != r.Kept + r.SampledOut + r.Dropped.Values.Sum() + r.Undecided))
        {
            reasons.Add($"the ledger's row of minute {row.Minute}, {row.Signal.ToName()}, does not add up: {row.Accepted} accepted");
        }

        return new ProvenanceCompleteness(
            reasons.Count == 0,
            reasons,
            accounts.Where(a => a.Value is not { Accepted: 0, Read: 0, Captured: 0 }).ToDictionary(a => a.Key.ToName(), a => a.Value),
            ledgers);
    }

    private static ProvenanceAccount AccountOf(CaptureJob job, Signal signal, SignalContent content, List<ProvenanceLedger> ledgers, WrittenBundle bundle)
    {
        var rows = ledgers.SelectMany(l => l.Rows).Where(r => r.Signal == signal).ToList();
        return new ProvenanceAccount(
            rows.Sum(r => r.Accepted),
            rows.Sum(r => r.Kept),
            rows.Sum(r => r.SampledOut),
            rows.Sum(r => r.Dropped.Values.Sum()),
            rows.Sum(r => r.Undecided),
            rows.Where(r => IsWithin(r, job)).Sum(r => r.Accepted),
            content.ReadByGateway.Values.Sum(),
            bundle.Manifest.Signals.TryGetValue(signal.ToName(), out var written) ? written.Records : 0,
            content.Copies,
            content.Retransmitted);
    }

    private static bool IsWithin(LedgerRow row, CaptureJob job) =>
        row.Minute * UnixNano.PerSecond >= job.FromUnixNano && (row.Minute * UnixNano.PerSecond) + Minute <= job.ToUnixNano;
}
