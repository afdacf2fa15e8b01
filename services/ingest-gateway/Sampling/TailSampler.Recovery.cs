using StellaOps.Telemetry.IngestGateway.Journal;
using StellaOps.Telemetry.IngestGateway.Sampling.Policies;
using StellaOps.Telemetry.IngestGateway.Sampling.State;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Sampling;

/// <summary>
/// Recovery: the undecided traces are what the log holds from the low watermark on, less what the journal decides. So a restart rebuilds them, and
/// so does a profile whose policies ask for other attributes than were noted.
/// </summary>
internal sealed partial class TailSampler
{
    private void Change(SamplingSettings settings, long now)
    {
        var policies = new PolicySet(settings.Policies);
        if (!policies.HasConditionsOf(_policies))
        {
            // What is decided has to be in the journal before it is left out.
            Commit(now);
            _policies = policies;
            ReadAgain();
        }

        (_settings, _policies) = (settings, policies);
        _kept = Resized(_kept, settings.SampledCacheSize);
        _sampledOut = Resized(_sampledOut, settings.NonSampledCacheSize);
    }

    private static DecisionCache Resized(DecisionCache cache, int capacity)
    {
        if (cache.Capacity == capacity)
        {
            return cache;
        }

        var resized = new DecisionCache(capacity);
        cache.CopyTo(resized);
        return resized;
    }

    private void RecallDecisions()
    {
        var traces = new List<DecidedTrace>();
        for (var number = _journal.FirstFrame; _journal.Read(number, traces) is { } frame; number++)
        {
            foreach (var trace in traces)
            {
                var tenant = _tenants.NumberOf(trace.Tenant);
                if (trace.Stamp < 0)
                {
                    _sampledOut.Set(tenant, trace.TraceId, StampTable.None);
                }
                else
                {
                    _sampledOut.Remove(tenant, trace.TraceId);
                    _kept.Set(tenant, trace.TraceId, _stamps.NumberOf(frame.Stamps[trace.Stamp]));
                }
            }
        }
    }

    private void ReadAgain()
    {
        var low = Math.Max(_log.FirstSequence, _journal.LowAfter(_journal.LastFrame));
        _decidedBefore.Clear();
        foreach (var number in _journal.FramesFrom(low))
        {
            foreach (var batch in _journal.Read(number)!.Batches)
            {
                if (batch.Sequence >= low)
                {
                    Note(batch);
                }
            }
        }

        _batches.Reset(low);
        _traces.Reset(_policies.MatchWords);
        _undecided = 0;
        Volatile.Write(ref _low, low);
        Volatile.Write(ref _next, low);
    }

    private void Note(in BatchDecision batch)
    {
        if (!_decidedBefore.TryGetValue(batch.Sequence, out var runs))
        {
            _decidedBefore.Add(batch.Sequence, runs = []);
        }

        if (batch.IsWhole)
        {
            runs.Add(new DecisionRun(0, batch.RecordCount, StampTable.None));
        }
        else
        {
            runs.AddRange(batch.Runs);
        }
    }

    private Span<bool> MarkDone(List<DecisionRun> runs, int records)
    {
        if (_done.Length < records)
        {
            _done = new bool[records];
        }

        var done = _done.AsSpan(0, records);
        done.Clear();
        foreach (var run in runs)
        {
            done.Slice(run.Index, run.Length).Fill(true);
        }

        return done;
    }
}
