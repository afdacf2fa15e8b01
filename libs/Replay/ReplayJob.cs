using StellaOps.Telemetry.Evidence.Bundles;
using StellaOps.Telemetry.Replay.Batches;
using StellaOps.Telemetry.Replay.State;

namespace StellaOps.Telemetry.Replay;

/// <summary>What a replay is to do.</summary>
/// <param name="Manifest">Of the bundle, as it was verified.</param>
/// <param name="Batching">How to cut it, when it begins; one that goes on cuts as it did.</param>
/// <param name="ShiftNanoseconds">What to add to every time, when it begins.</param>
/// <param name="AllowForeign">Whether the endpoint may be another than a gateway of ours.</param>
public sealed record ReplayJob(
    BundleFiles Files,
    BundleManifest Manifest,
    ReplaySubject Subject,
    ReplayBatching Batching,
    ReplayPace Pace,
    long ShiftNanoseconds,
    bool AllowForeign)
{
    /// <summary>Records of all signals.</summary>
    public long Records => Manifest.Signals.Values.Sum(s => s.Records);
}

/// <summary>How far it is.</summary>
/// <param name="Done">Records acknowledged, in earlier runs too.</param>
/// <param name="DoneNow">Of them, in this run.</param>
/// <param name="Trouble">Why it waits; null when it does not.</param>
public readonly record struct ReplayProgress(long Done, long DoneNow, long Total, string? Trouble);

/// <summary>What became of it.</summary>
/// <param name="State">As it stands now.</param>
/// <param name="WasResumed">Whether an earlier run had begun it.</param>
/// <param name="Faults">Records that the endpoint refused of requests that it took; the first few.</param>
public sealed record ReplayResult(ReplayState State, bool WasResumed, IReadOnlyList<string> Faults);
