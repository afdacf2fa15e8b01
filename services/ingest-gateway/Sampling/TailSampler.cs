using System.Text;
using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Incidents;
using StellaOps.Telemetry.IngestGateway.Journal;
using StellaOps.Telemetry.IngestGateway.Ledger;
using StellaOps.Telemetry.IngestGateway.Log;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Sampling;

/// <summary>
/// Follows the log in order and decides per trace. Holds features and positions, no payload. Driven by <see cref="Pump"/>, one caller at a
/// time; <see cref="_gate"/> guards what lookups read.
/// </summary>
internal sealed class TailSampler : IRetentionHolder, IDecisionLookup
{
    public const string IncidentPolicy = "incident";
    private const int MaxBatchesPerPump = 512;
    private const int MinCachedDecisions = 65_536;

    private readonly Lock _gate = new();
    private SamplingSettings _settings;
    private readonly BatchLog _log;
    private readonly DecisionJournal _journal;
    private readonly IncidentMatcher _incidents;
    private readonly IngestLedger _ledger;
    private readonly TimeProvider _time;
    private readonly GatewayPipelineInstruments _instruments;
    private readonly Dictionary<TraceKey, BufferedTrace> _traces = [];
    private readonly Queue<BufferedTrace> _order = [];
    private readonly DecisionCache _decided;
    private readonly Dictionary<ulong, int> _undecided = [];
    private readonly Dictionary<ulong, HashSet<int>> _decidedBefore = [];
    private readonly List<SpanFeatures> _spans = [];
    private readonly FrameBuilder _frame = new();
    private ulong _next;
    private ulong _low;
    private byte[] _buffer = [];
    private long _undecidedRecords;
    private long _bufferedTraces;

    public TailSampler(
        SamplingSettings settings, BatchLog log, DecisionJournal journal, IIncidentScopes incidents, IngestLedger ledger, TimeProvider time, GatewayPipelineInstruments instruments)
    {
        (_settings, _log, _journal, _ledger, _time, _instruments) = (settings, log, journal, ledger, time, instruments);
        _incidents = new IncidentMatcher(incidents);
        _decided = new DecisionCache(Math.Max(MinCachedDecisions, settings.NumTraces));
        _low = Math.Max(log.FirstSequence, journal.LowAfter(journal.LastFrame));
        for (var number = journal.FirstFrame; journal.Read(number) is { } frame; number++)
        {
            Recall(frame);
        }

        _next = _low;
        foreach (var entry in log.EntriesFrom(_low))
        {
            if (_decidedBefore.TryGetValue(entry.Sequence, out var done) && done.Count >= entry.RecordCount)
            {
                continue;
            }

            _undecided[entry.Sequence] = entry.RecordCount - (done?.Count ?? 0);
        }
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

        var key = new TraceKey(tenant, System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(traceId));
        lock (_gate)
        {
            if (_traces.ContainsKey(key))
            {
                return (TraceDecision.Undecided, null);
            }

            return !_decided.TryGet(key, out var stamp) ? (TraceDecision.Unknown, null)
                : stamp is null ? (TraceDecision.SampledOut, null) : (TraceDecision.Kept, stamp.Policy);
        }
    }

    /// <summary>Judges by other policies from now on, traces that wait for their decision among them.</summary>
    public void Apply(SamplingSettings settings)
    {
        lock (_gate)
        {
            _settings = settings;
        }
    }

    /// <summary>Takes in what is in the log, decides what is due, and writes a frame when anything was decided. False when nothing is left to read.</summary>
    public bool Pump()
    {
        lock (_gate)
        {
            var now = UnixNano.Of(_time.GetUtcNow());
            if (_incidents.Refresh(now))
            {
                foreach (var trace in _traces.Values.Where(t => InScope(t, now) is not null).ToList())
                {
                    Decide(trace, InScope(trace, now));
                }
            }

            var read = 0;
            while (read < MaxBatchesPerPump && _next <= _log.VisibleSequence)
            {
                TakeIn(_next, now);
                Volatile.Write(ref _next, _next + 1);
                read++;
            }

            var due = now - (_settings.DecisionWait.Ticks * 100);
            while (_order.TryPeek(out var oldest) && (oldest.IsDecided || oldest.FirstAcceptedAt <= due || _traces.Count > _settings.NumTraces))
            {
                _order.Dequeue();
                if (!oldest.IsDecided)
                {
                    Decide(oldest, Evaluate(oldest, now));
                }
            }

            Commit();
            Interlocked.Exchange(ref _bufferedTraces, _traces.Count);
            return _next <= _log.VisibleSequence;
        }
    }

    private void TakeIn(ulong sequence, long now)
    {
        if (!_log.TryFind(sequence, out var entry))
        {
            return;
        }

        _ledger.Accept(entry);
        _decidedBefore.Remove(sequence, out var done);
        if (done?.Count >= entry.RecordCount)
        {
            return;
        }

        _undecided[sequence] = entry.RecordCount - (done?.Count ?? 0);
        if (entry.Signal != Signal.Traces || (_settings.IsOff && done is null))
        {
            _frame.KeepWhole(entry);
            _undecided.Remove(sequence);
            return;
        }

        if (!_log.TryRead(sequence, ref _buffer, out entry))
        {
            throw new IOException($"batch {sequence} cannot be read back from the log");
        }

        _spans.Clear();
        SpanWalker.Walk(BatchLog.PayloadOf(_buffer, entry).Span, _spans);
        var open = _spans.Count - (done?.Count ?? 0);
        if (open <= 0)
        {
            _undecided.Remove(sequence);
            return;
        }

        _undecided[sequence] = open;
        Interlocked.Add(ref _undecidedRecords, open);
        foreach (var span in _spans)
        {
            if (done is null || !done.Contains(span.Index))
            {
                TakeIn(entry, span, now);
            }
        }
    }

    private void TakeIn(in BatchEntry entry, in SpanFeatures span, long now)
    {
        var key = new TraceKey(entry.Tenant, span.TraceId);
        if (!_traces.TryGetValue(key, out var trace))
        {
            if (_decided.TryGet(key, out var known))
            {
                var overriding = known is null ? _incidents.Match(key, span.ServiceHash, now) : null;
                if (overriding is not null)
                {
                    Remember(key, overriding);
                }

                Settle(new Position(entry.Sequence, span.Index), entry, known ?? overriding);
                return;
            }

            trace = new BufferedTrace(key, entry.AcceptedAtUnixNano);
            _traces.Add(key, trace);
            _order.Enqueue(trace);
        }

        trace.Add(span, entry);
        if (_incidents.Match(key, span.ServiceHash, now) is { } stamp)
        {
            Decide(trace, stamp);
        }
    }

    private void Decide(BufferedTrace trace, Stamp? stamp)
    {
        _traces.Remove(trace.Key);
        trace.IsDecided = true;
        Remember(trace.Key, stamp);
        foreach (var (position, entry) in trace.Positions)
        {
            Settle(position, entry, stamp);
        }

        trace.Positions.Clear();
        _instruments.OnTraceDecided(stamp?.Policy ?? "none", stamp is not null);
    }

    private void Remember(TraceKey key, Stamp? stamp)
    {
        _decided.Set(key, stamp);
        _frame.AddTrace(key, stamp);
    }

    private void Settle(Position position, in BatchEntry entry, Stamp? stamp)
    {
        _frame.Add(position, entry, stamp);
        Interlocked.Decrement(ref _undecidedRecords);
        if (--System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_undecided, position.Sequence, out _) == 0)
        {
            _undecided.Remove(position.Sequence);
        }
    }

    private void Commit()
    {
        if (_frame.IsEmpty)
        {
            return;
        }

        var low = _low;
        while (low < _next && !_undecided.ContainsKey(low))
        {
            low++;
        }

        var frame = _frame.Build(_journal.LastFrame + 1, low, _journal.KeptTotal);
        _journal.Append(frame);
        _ledger.Decide(_frame.Outcomes, frame.Number, UnixNano.Of(_time.GetUtcNow()));
        _frame.Clear();
        Volatile.Write(ref _low, low);
    }

    private Stamp? Evaluate(BufferedTrace trace, long now)
    {
        if (InScope(trace, now) is { } incident)
        {
            return incident;
        }

        if (_settings.IsOff)
        {
            // Undecided when sampling was switched off.
            return new Stamp(SamplingSettings.NoSampling, 1, null);
        }

        foreach (var policy in _settings.Policies)
        {
            switch (policy)
            {
                case AlwaysSamplePolicy:
                case StatusCodePolicy status when status.StatusCodes.Any(code => code is >= 0 and < 32 && (trace.StatusCodes & (1 << code)) != 0):
                case LatencyPolicy latency when trace.MaxEnd > trace.MinStart && trace.MaxEnd - trace.MinStart >= (ulong)latency.Threshold.Ticks * 100:
                    return new Stamp(policy.Name, 1, null);
                case ProbabilisticPolicy probabilistic when trace.Key.Share() * 100 < probabilistic.SamplingPercentage:
                    return new Stamp(policy.Name, Math.Min(1, probabilistic.SamplingPercentage / 100), null);
            }
        }

        return null;
    }

    private Stamp? InScope(BufferedTrace trace, long now)
    {
        foreach (var service in trace.Services)
        {
            if (_incidents.Match(trace.Key, service, now) is { } stamp)
            {
                return stamp;
            }
        }

        return null;
    }

    private void Recall(JournalFrame frame)
    {
        foreach (var (tenant, traceId, stamp) in frame.Traces)
        {
            _decided.Set(new TraceKey(tenant, traceId), stamp < 0 ? null : frame.Stamps[stamp]);
        }

        var whole = 0;
        foreach (var batch in frame.Batches)
        {
            var count = batch.IsWhole ? frame.WholeCounts[whole++] : 0;
            if (batch.Sequence < _low)
            {
                continue;
            }

            if (!_decidedBefore.TryGetValue(batch.Sequence, out var done))
            {
                _decidedBefore.Add(batch.Sequence, done = []);
            }

            done.UnionWith(batch.IsWhole ? Enumerable.Range(0, count) : batch.Kept.Select(k => k.Index).Concat(batch.SampledOut));
        }
    }

    private sealed class BufferedTrace(TraceKey key, long firstAcceptedAt)
    {
        public TraceKey Key { get; } = key;

        public long FirstAcceptedAt { get; } = firstAcceptedAt;

        public bool IsDecided { get; set; }

        public uint StatusCodes { get; private set; }

        public ulong MinStart { get; private set; } = ulong.MaxValue;

        public ulong MaxEnd { get; private set; }

        public List<ulong> Services { get; } = new(1);

        public List<(Position Position, BatchEntry Entry)> Positions { get; } = new(4);

        public void Add(in SpanFeatures span, in BatchEntry entry)
        {
            StatusCodes |= span.StatusCode is >= 0 and < 32 ? 1u << span.StatusCode : 0;
            MinStart = Math.Min(MinStart, span.Start);
            MaxEnd = Math.Max(MaxEnd, span.End);
            if (!Services.Contains(span.ServiceHash))
            {
                Services.Add(span.ServiceHash);
            }

            Positions.Add((new Position(entry.Sequence, span.Index), entry));
        }
    }
}

/// <summary>A record's place in the log.</summary>
internal readonly record struct Position(ulong Sequence, int Index);

/// <summary>The incidents in force by tenant, judged against the reader's clock.</summary>
internal sealed class IncidentMatcher(IIncidentScopes source)
{
    private readonly Dictionary<TenantId, List<Scope>> _scopes = [];
    private IncidentsModel? _model;

    /// <summary>Takes over a new snapshot; true when there was one.</summary>
    public bool Refresh(long now)
    {
        var model = source.Current;
        if (ReferenceEquals(model, _model))
        {
            return false;
        }

        _model = model;
        _scopes.Clear();
        foreach (var incident in model.Active.Where(i => !i.Tombstone && UnixNano.Of(i.ExpiresAt) > now))
        {
            if (!_scopes.TryGetValue(incident.Tenant, out var scopes))
            {
                _scopes.Add(incident.Tenant, scopes = []);
            }

            scopes.Add(Scope.Of(incident));
        }

        return true;
    }

    /// <summary>Why a trace with a span of this service is kept; null when no incident says so.</summary>
    public Stamp? Match(TraceKey trace, ulong serviceHash, long now)
    {
        if (_scopes.Count == 0 || !_scopes.TryGetValue(trace.Tenant, out var scopes))
        {
            return null;
        }

        foreach (var scope in scopes)
        {
            if (now < scope.ExpiresAt && (scope.Services is null || scope.Services.Contains(serviceHash))
                && (scope.Stamp.Rate >= 1 || trace.Share() < scope.Stamp.Rate))
            {
                return scope.Stamp;
            }
        }

        return null;
    }

    private sealed record Scope(HashSet<ulong>? Services, long ExpiresAt, Stamp Stamp)
    {
        public static Scope Of(IncidentMessage incident) => new(
            incident.Services.Count == 0 ? null : [.. incident.Services.Select(s => SpanWalker.HashOf(Encoding.UTF8.GetBytes(s)))],
            UnixNano.Of(incident.ExpiresAt),
            new Stamp(TailSampler.IncidentPolicy, incident.SamplingRate, incident.Id));
    }
}
