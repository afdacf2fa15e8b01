using System.Buffers.Binary;
using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Incidents;
using StellaOps.Telemetry.IngestGateway.Journal;
using StellaOps.Telemetry.IngestGateway.Ledger;
using StellaOps.Telemetry.IngestGateway.Log;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.IngestGateway.Sampling.Policies;
using StellaOps.Telemetry.IngestGateway.Sampling.State;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Sampling;

/// <summary>
/// Follows the log in order and decides per trace. Holds features and places, no payload. Driven by <see cref="Pump"/>, one caller at a
/// time; <see cref="_gate"/> guards what lookups read. Hot: nothing here allocates per batch, trace or record but the frame that comes of it.
/// </summary>
internal sealed partial class TailSampler : IRetentionHolder, IDecisionLookup
{
    public const string IncidentPolicy = "incident";
    private const int MaxBatchesPerPump = 512;

    private readonly Lock _gate = new();
    private readonly BatchLog _log;
    private readonly DecisionJournal _journal;
    private readonly IncidentMatcher _incidents;
    private readonly IngestLedger _ledger;
    private readonly IncidentUsage _usage;
    private readonly TimeProvider _time;
    private readonly GatewayPipelineInstruments _instruments;
    private readonly TenantTable _tenants = new();
    private readonly StampTable _stamps = new();
    private readonly TraceTable _traces = new();
    private readonly BatchRing _batches = new();
    private readonly FrameBuilder _frame;
    private readonly Dictionary<ulong, List<DecisionRun>> _decidedBefore = [];
    private SamplingSettings _settings;
    private SamplingSettings? _nextSettings;
    private PolicySet _policies;
    private DecisionCache _kept;
    private DecisionCache _sampledOut;
    private long[] _decided = new long[16];
    private ulong _next;
    private ulong _low;
    private long _undecided;
    private long _undecidedRecords;
    private long _bufferedTraces;

    public TailSampler(
        SamplingSettings settings, BatchLog log, DecisionJournal journal, IIncidentScopes incidents, IncidentUsage usage, IngestLedger ledger, TimeProvider time, GatewayPipelineInstruments instruments)
    {
        (_settings, _log, _journal, _usage, _ledger, _time, _instruments) = (settings, log, journal, usage, ledger, time, instruments);
        _incidents = new IncidentMatcher(incidents);
        _policies = new PolicySet(settings.Policies);
        _frame = new FrameBuilder(_batches, _stamps, _tenants);
        _kept = new DecisionCache(settings.SampledCacheSize);
        _sampledOut = new DecisionCache(settings.NonSampledCacheSize);
        RecallDecisions();
        ReadAgain();
    }

    public ulong NeededFrom => Volatile.Read(ref _low);

    /// <summary>The last batch that was looked at.</summary>
    public ulong ReadSequence => Volatile.Read(ref _next) - 1;

    public long UndecidedRecords => Interlocked.Read(ref _undecidedRecords);

    public long BufferedTraces => Interlocked.Read(ref _bufferedTraces);

    public (TraceDecision Decision, string? Policy) Find(TenantId tenant, ReadOnlySpan<byte> traceId)
    {
        if (traceId.Length != 16)
        {
            return (TraceDecision.Unknown, null);
        }

        var id = BinaryPrimitives.ReadUInt128BigEndian(traceId);
        lock (_gate)
        {
            var number = _tenants.Find(tenant);
            if (number < 0)
            {
                return (TraceDecision.Unknown, null);
            }

            return _traces.Find(number, id) >= 0 ? (TraceDecision.Undecided, null)
                : !TryRecall(number, id, out var stamp) ? (TraceDecision.Unknown, null)
                : stamp < 0 ? (TraceDecision.SampledOut, null) : (TraceDecision.Kept, _stamps[stamp].Policy);
        }
    }

    /// <summary>Judges by other policies from the next pump on, traces that wait for their decision among them.</summary>
    public void Apply(SamplingSettings settings)
    {
        lock (_gate)
        {
            _nextSettings = settings;
        }
    }

    /// <summary>Takes in what is in the log, decides what is due, and writes a frame when anything was decided. False when nothing is left to read.</summary>
    public bool Pump()
    {
        lock (_gate)
        {
            var now = UnixNano.Of(_time.GetUtcNow());
            if (_nextSettings is { } next)
            {
                Change(next, now);
                _nextSettings = null;
            }

            if (_incidents.Refresh(now))
            {
                FlushInScope(now);
                if (_incidents.HasNewConditions)
                {
                    FlushMatching(now);
                }
            }

            for (var read = 0; read < MaxBatchesPerPump && _next <= _log.VisibleSequence; read++)
            {
                TakeIn(_next, now);
                Volatile.Write(ref _next, _next + 1);
                while (_traces.Count > _settings.NumTraces || (_traces.Bytes > _settings.MaxBytes && _traces.Count > 0))
                {
                    Decide(_traces.Oldest, Judge(_traces.Oldest, now));
                }
            }

            var due = now - (_settings.DecisionWait.Ticks * 100);
            while (_traces.Oldest is var oldest and >= 0 && _traces[oldest].FirstAcceptedAt <= due)
            {
                Decide(oldest, Judge(oldest, now));
            }

            Commit(now);
            Interlocked.Exchange(ref _undecidedRecords, _undecided);
            Interlocked.Exchange(ref _bufferedTraces, _traces.Count);
            return _next <= _log.VisibleSequence;
        }
    }

    /// <summary>The stamp's number, or <see cref="StampTable.None"/>.</summary>
    private int Judge(int slot, long now)
    {
        ref var trace = ref _traces[slot];
        if (_settings.IsOff)
        {
            // Undecided when sampling was switched off.
            return _stamps.NumberOf(new Stamp(SamplingSettings.NoSampling, 1, null));
        }

        // Log records alone: they have the fate of their trace, and there is none.
        return trace.SpanCount == 0 ? StampTable.None : _stamps.NumberOf(_policies.Judge(new TraceFacts
        {
            TraceId = _traces.TraceIdOf(slot),
            StatusCodes = trace.StatusCodes,
            DurationMilliseconds = trace.MaxEnd > trace.MinStart ? (long)((trace.MaxEnd - trace.MinStart) / 1_000_000) : 0,
            SpanCount = trace.SpanCount,
            Matches = _traces.MatchesOf(slot),
            Second = now / UnixNano.PerSecond,
        }));
    }

    private void Decide(int slot, int stamp)
    {
        var (tenant, traceId, spans) = (_traces.TenantOf(slot), _traces.TraceIdOf(slot), _traces[slot].SpanCount);
        while (_traces.TryTakeRun(slot, out var run))
        {
            var sequence = _batches.Expand(run.Sequence);
            ref var batch = ref _batches[sequence];
            batch.Undecided -= run.Length;
            _undecided -= run.Length;
            _frame.Add(sequence, run.Index, run.Length, stamp < 0 && batch.Entry.Signal == Contracts.Signal.Logs ? StampOfLog(TraceShare.Of(traceId)) : stamp);
        }

        _traces.Remove(slot);
        if (spans > 0)
        {
            Remember(tenant, traceId, stamp);
        }
    }

    private void Remember(int tenant, UInt128 traceId, int stamp)
    {
        (stamp < 0 ? _sampledOut : _kept).Set(tenant, traceId, stamp);
        _frame.AddTrace(tenant, traceId, stamp);
        if (stamp + 1 >= _decided.Length)
        {
            Array.Resize(ref _decided, Math.Max(stamp + 2, _decided.Length * 2));
        }

        _decided[stamp + 1]++;
    }

    private bool TryRecall(int tenant, UInt128 traceId, out int stamp) =>
        _kept.TryGet(tenant, traceId, out stamp) || _sampledOut.TryGet(tenant, traceId, out stamp);

    private void FlushInScope(long now)
    {
        for (var slot = _traces.Oldest; slot >= 0;)
        {
            var newer = _traces.NewerThan(slot);
            if (_incidents.Of(_tenants[_traces.TenantOf(slot)]) is { } scopes && InScope(slot, scopes, now) is { } scope)
            {
                Decide(slot, _stamps.NumberOf(scope.Stamp));
            }

            slot = newer;
        }
    }

    private IncidentScope? InScope(int slot, TenantScopes scopes, long now)
    {
        var traceId = _traces.TraceIdOf(slot);
        if (_traces[slot].HasManyServices && scopes.FindAny(now) is { } any && any.Keeps(traceId))
        {
            return any;
        }

        var node = -1;
        while (_traces.TryNextService(slot, ref node, out var service))
        {
            if (scopes.Find(service, now) is { } scope && scope.Keeps(traceId))
            {
                return scope;
            }
        }

        return null;
    }

    private void Commit(long now)
    {
        if (_frame.IsEmpty)
        {
            return;
        }

        var low = _batches.LowestUndecided();
        var frame = _frame.Build(_journal.LastFrame + 1, low, _journal.KeptTotal);
        _journal.Append(frame, _frame.Traces);
        _ledger.Decide(_frame.Outcomes, frame.Number, now);
        _usage.Add(frame, _frame.Outcomes);
        _frame.Clear();
        _batches.ReleaseBelow(low);
        Volatile.Write(ref _low, low);
        for (var i = 0; i < _decided.Length; i++)
        {
            if (_decided[i] > 0)
            {
                _instruments.OnTracesDecided(i == 0 ? "none" : _stamps[i - 1].Policy, i > 0, _decided[i]);
                _decided[i] = 0;
            }
        }
    }
}

