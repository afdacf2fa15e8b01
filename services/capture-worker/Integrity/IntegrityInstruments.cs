using System.Diagnostics.Metrics;
using StellaOps.Telemetry.CaptureWorker.Jobs;
using StellaOps.Telemetry.Contracts.Archive;

namespace StellaOps.Telemetry.CaptureWorker.Integrity;

/// <summary>Metrics of day roots, compaction and scrubs. No label holds a tenant: kinds and outcomes are a fixed few.</summary>
internal sealed class IntegrityInstruments
{
    private readonly Counter<long> _roots;
    private readonly Counter<long> _refusedChains;
    private readonly Counter<long> _joined;
    private readonly Counter<long> _scrubs;
    private readonly Counter<long> _findings;
    private readonly Counter<long> _scrubbed;

    public IntegrityInstruments(IMeterFactory meters)
    {
        var meter = meters.Create(CaptureInstruments.MeterName);
        _roots = meter.CreateCounter<long>("telemetry_archive_roots", "{root}", "Day roots that were written.");
        _refusedChains = meter.CreateCounter<long>("telemetry_archive_root_chain_refusals", "{refusal}", "Passes that wrote no root for a tenant because its chain is not whole.");
        _joined = meter.CreateCounter<long>("telemetry_archive_compacted_chunks", "{chunk}", "Small chunks that were joined into larger ones.");
        _scrubs = meter.CreateCounter<long>("telemetry_archive_scrubs", "{scrub}", "Scrubs that ended, by outcome.");
        _findings = meter.CreateCounter<long>("telemetry_archive_scrub_findings", "{finding}", "What scrubs found wrong, by kind.");
        _scrubbed = meter.CreateCounter<long>("telemetry_archive_scrubbed_bytes", "By", "Stored bytes of segments that scrubs read.");
    }

    public void OnRoots(int count) => _roots.Add(count);

    public void OnChainRefused() => _refusedChains.Add(1);

    public void OnJoined(int chunks) => _joined.Add(chunks);

    public void OnScrubbed(long bytes) => _scrubbed.Add(bytes);

    public void OnScrubFailed() => _scrubs.Add(1, new KeyValuePair<string, object?>("outcome", "failed"));

    public void OnScrubEnded(ScrubReport report)
    {
        _scrubs.Add(1, new KeyValuePair<string, object?>("outcome", report.FindingCount == 0 ? "sound" : "findings"));
        foreach (var kind in report.Findings.CountBy(f => f.Kind))
        {
            _findings.Add(kind.Value, new KeyValuePair<string, object?>("kind", kind.Key));
        }
    }
}
