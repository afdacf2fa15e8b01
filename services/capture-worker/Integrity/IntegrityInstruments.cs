using System.Diagnostics.Metrics;
using StellaOps.Telemetry.Archive.Scrubbing;
using StellaOps.Telemetry.CaptureWorker.Integrity.Scrubs;
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
    private readonly Counter<long> _failures;
    private readonly Counter<long> _left;
    private readonly TimeProvider _time;
    private volatile ScrubStanding? _standing;

    public IntegrityInstruments(IMeterFactory meters, TimeProvider time)
    {
        _time = time;
        var meter = meters.Create(CaptureInstruments.MeterName);
        _roots = meter.CreateCounter<long>("telemetry_archive_roots", "{root}", "Day roots that were written.");
        _refusedChains = meter.CreateCounter<long>("telemetry_archive_root_chain_refusals", "{refusal}", "Passes that wrote no root for a tenant because its chain is not whole.");
        _joined = meter.CreateCounter<long>("telemetry_archive_compacted_chunks", "{chunk}", "Small chunks that were joined into larger ones.");
        _scrubs = meter.CreateCounter<long>("telemetry_archive_scrubs", "{scrub}", "Scrubs that ended, by outcome.");
        _findings = meter.CreateCounter<long>("telemetry_archive_scrub_findings", "{finding}", "What scrubs found wrong, by kind.");
        _scrubbed = meter.CreateCounter<long>("telemetry_archive_scrubbed_bytes", "By", "Stored bytes of segments that scrubs read.");
        _failures = meter.CreateCounter<long>("telemetry_archive_pass_failures", "{failure}", "Passes over the archive that failed whole or for a tenant, by what they do.");
        _left = meter.CreateCounter<long>("telemetry_archive_left_objects", "{object}", "Objects that a pass over the archive left because they are damaged or the store refused, each again in every pass.");
        meter.CreateObservableGauge<long>("telemetry_archive_findings", Findings, "{finding}", "What the last scrub of the whole archive found wrong, or a narrower one since, by kind.");
        meter.CreateObservableGauge<double>("telemetry_archive_last_scrub", SinceLastScrub, "s", "Since a scrub of the whole archive ended.");

        // A counter that comes up with its first failure has no rise that an alert could see.
        _refusedChains.Add(0);
        _scrubs.Add(0, new KeyValuePair<string, object?>("outcome", "failed"));
        foreach (var pass in KnownPasses.All)
        {
            _failures.Add(0, OfPass(pass));
            _left.Add(0, OfPass(pass));
        }
    }

    public void OnRoots(int count) => _roots.Add(count);

    public void OnChainRefused() => _refusedChains.Add(1);

    public void OnJoined(int chunks) => _joined.Add(chunks);

    /// <param name="pass">One of <see cref="KnownPasses"/>.</param>
    public void OnPassFailed(string pass) => _failures.Add(1, OfPass(pass));

    /// <param name="pass">One of <see cref="KnownPasses"/>.</param>
    public void OnLeft(string pass) => _left.Add(1, OfPass(pass));

    public void OnStanding(ScrubStanding standing) => _standing = standing;

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

    private static KeyValuePair<string, object?> OfPass(string pass) => new("pass", pass);

    /// <summary>Every kind, so that one that was mended is told to be.</summary>
    private IEnumerable<Measurement<long>> Findings() => _standing is { } standing
        ? KnownFindings.All.Select(kind => new Measurement<long>(standing.Findings.GetValueOrDefault(kind), new KeyValuePair<string, object?>("kind", kind)))
        : [];

    private IEnumerable<Measurement<double>> SinceLastScrub() => _standing?.WholeAt is { } at ? [new((_time.GetUtcNow() - at).TotalSeconds)] : [];
}
