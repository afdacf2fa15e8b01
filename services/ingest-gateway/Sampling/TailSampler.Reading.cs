using System.Buffers.Binary;
using System.IO.Hashing;
using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.IngestGateway.Log;
using StellaOps.Telemetry.IngestGateway.Sampling.State;
using StellaOps.Telemetry.Otlp;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Sampling;

/// <summary>Reading: what a batch of the log adds to the traces.</summary>
internal sealed partial class TailSampler
{
    private byte[] _buffer = [];
    private ulong[] _scratch = [];
    private bool[] _done = [];

    private void TakeIn(ulong sequence, long now)
    {
        if (!_log.TryFind(sequence, out var entry))
        {
            _batches.Push(default);
            return;
        }

        _ledger.Accept(entry);
        var isPartlyDone = _decidedBefore.TryGetValue(sequence, out var runs);
        var done = isPartlyDone ? MarkDone(runs!, entry.RecordCount) : [];
        var isSampled = entry.Signal switch
        {
            Signal.Traces => !_settings.IsOff,
            Signal.Logs => _settings.Logs.WithTrace,
            _ => false,
        };
        if (isPartlyDone && !done.Contains(false))
        {
            _batches.Push(entry);
        }
        else if (!isSampled && !isPartlyDone)
        {
            _batches.Push(entry);
            _frame.KeepWhole(entry);
        }
        else
        {
            if (!_log.TryRead(sequence, ref _buffer, out var read))
            {
                // Lost to the disk, which the log has named. Kept whole where nothing is decided: each exporter meets the gap and counts it.
                _batches.Push(entry);
                if (!isPartlyDone)
                {
                    _frame.KeepWhole(entry);
                }

                _decidedBefore.Remove(sequence);
                return;
            }

            entry = read;
            _batches.Push(entry);
            var payload = BatchLog.PayloadOf(_buffer, entry).Span;
            if (entry.Signal == Signal.Logs)
            {
                TakeInLogs(entry, payload, done, now);
            }
            else
            {
                TakeInSpans(entry, payload, done, now);
            }
        }

        _decidedBefore.Remove(sequence);
    }

    /// <param name="done">By record: decided before a restart. Empty: none.</param>
    private void TakeInSpans(in BatchEntry entry, ReadOnlySpan<byte> payload, ReadOnlySpan<bool> done, long now)
    {
        var tenant = _tenants.NumberOf(entry.Tenant);
        var scopes = _incidents.Of(entry.Tenant);
        IncidentScope? scope = null;
        UInt128 lastId = 0;
        var lastSlot = -1;
        var walker = new SpanWalker(payload, _policies, Scratch());
        while (walker.TryRead())
        {
            if (walker.IsNewResource)
            {
                walker.SeenResource();
                scope = scopes?.Find(walker.ServiceHash, now);
            }

            if (walker.Index < done.Length && done[walker.Index])
            {
                continue;
            }

            var inScope = scopes is { HasConditions: true } ? scopes.Highest(scope, walker, now) : scope;
            var traceId = walker.TraceId;
            var slot = lastSlot >= 0 && traceId == lastId ? lastSlot : _traces.Find(tenant, traceId);
            if (slot < 0)
            {
                if (TryRecall(tenant, traceId, out var known))
                {
                    SettleLate(entry.Sequence, walker.Index, tenant, traceId, known, inScope);
                    continue;
                }

                slot = _traces.Add(tenant, traceId, entry.AcceptedAtUnixNano, walker.ServiceHash);
            }

            (lastId, lastSlot) = (traceId, slot);
            AddSpan(slot, walker);
            AddRecord(slot, entry.Sequence, walker.Index);
            if (inScope is not null && inScope.Keeps(traceId))
            {
                Decide(slot, _stamps.NumberOf(inScope.Stamp));
                lastSlot = -1;
            }
        }
    }

    /// <summary>
    /// Decides the buffered traces that have the attributes which an incident asks for. A trace holds no attributes, so its spans are read again;
    /// once for each such incident, and only of tenants that have one.
    /// </summary>
    private void FlushMatching(long now)
    {
        for (var sequence = _batches.First; sequence < _next; sequence++)
        {
            if (_batches[sequence] is not { Undecided: > 0, Entry: { Signal: Signal.Traces } known }
                || _incidents.Of(known.Tenant) is not { HasConditions: true } scopes
                || !_log.TryRead(sequence, ref _buffer, out var entry))
            {
                continue;
            }

            var tenant = _tenants.NumberOf(entry.Tenant);
            var walker = new SpanWalker(BatchLog.PayloadOf(_buffer, entry).Span, _policies, Scratch());
            while (walker.TryRead())
            {
                if (scopes.Highest(null, walker, now) is { } scope && scope.Keeps(walker.TraceId) && _traces.Find(tenant, walker.TraceId) is var slot and >= 0)
                {
                    Decide(slot, _stamps.NumberOf(scope.Stamp));
                }
            }
        }
    }

    private ulong[] Scratch()
    {
        var words = SpanWalker.ScratchWords(_policies);
        if (_scratch.Length < words)
        {
            _scratch = new ulong[words];
        }

        return _scratch;
    }

    private void AddSpan(int slot, in SpanWalker span)
    {
        ref var trace = ref _traces[slot];
        trace.SpanCount++;
        trace.StatusCodes |= span.StatusCode is >= 0 and < 32 ? 1u << span.StatusCode : 0;

        // 0 is no time.
        if (span.Start != 0 && span.Start < trace.MinStart)
        {
            trace.MinStart = span.Start;
        }

        if (span.End > trace.MaxEnd)
        {
            trace.MaxEnd = span.End;
        }

        if (span.ServiceHash != trace.Service)
        {
            _traces.AddService(slot, span.ServiceHash);
        }

        var matches = span.Matches;
        if (!matches.IsEmpty)
        {
            var all = _traces.MatchesOf(slot);
            for (var i = 0; i < all.Length; i++)
            {
                all[i] |= matches[i];
            }
        }
    }

    /// <summary>Log records of a trace wait for its decision; others are decided at once. Only where the profile samples logs.</summary>
    private void TakeInLogs(in BatchEntry entry, ReadOnlySpan<byte> payload, ReadOnlySpan<bool> done, long now)
    {
        var tenant = _tenants.NumberOf(entry.Tenant);
        var scopes = _incidents.Of(entry.Tenant);
        ReadOnlySpan<byte> resource = default;
        var service = SpanWalker.HashOf(default);
        var records = new RecordReader(OtlpSignal.Logs, payload);
        while (records.TryRead(out var record))
        {
            // The same memory, not equal bytes: the records of one resource stand together.
            if (record.Resource != resource)
            {
                resource = record.Resource;
                service = SpanWalker.HashOf(ResourceView.TryGetServiceName(resource, out var name) ? name : default);
            }

            if (record.Index < done.Length && done[record.Index])
            {
                continue;
            }

            var traceId = record.TraceId.Length == 16 ? BinaryPrimitives.ReadUInt128BigEndian(record.TraceId) : 0;
            if (scopes?.Find(service, now) is { } scope && scope.Keeps(traceId != 0 ? traceId : XxHash128.HashToUInt128(record.Record)))
            {
                _frame.Add(entry.Sequence, record.Index, 1, _stamps.NumberOf(scope.Stamp));
            }
            else if (traceId == 0)
            {
                _frame.Add(entry.Sequence, record.Index, 1, StampOfLog(TraceShare.Of(record.Record)));
            }
            else if (_traces.Find(tenant, traceId) is var slot && slot < 0 && TryRecall(tenant, traceId, out var known))
            {
                _frame.Add(entry.Sequence, record.Index, 1, known < 0 ? StampOfLog(TraceShare.Of(traceId)) : known);
            }
            else
            {
                AddRecord(slot >= 0 ? slot : _traces.Add(tenant, traceId, entry.AcceptedAtUnixNano, service), entry.Sequence, record.Index);
            }
        }
    }

    private void AddRecord(int slot, ulong sequence, int index)
    {
        _traces.AddRecord(slot, (uint)sequence, index);
        _batches[sequence].Undecided++;
        _undecided++;
    }

    /// <summary>A span of a decided trace has its fate, unless an incident wants what was sampled out.</summary>
    private void SettleLate(ulong sequence, int index, int tenant, UInt128 traceId, int known, IncidentScope? scope)
    {
        if (known < 0 && scope is not null && scope.Keeps(traceId))
        {
            known = _stamps.NumberOf(scope.Stamp);
            _sampledOut.Remove(tenant, traceId);
            Remember(tenant, traceId, known);
        }

        _frame.Add(sequence, index, 1, known);
    }

    private int StampOfLog(double share) => share * 100 < _settings.Logs.Percentage
        ? _stamps.NumberOf(new Stamp(LogSampling.PolicyName, _settings.Logs.Percentage / 100, null))
        : StampTable.None;
}
