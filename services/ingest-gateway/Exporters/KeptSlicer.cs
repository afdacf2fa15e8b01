using System.Buffers;
using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.Contracts.Replays;
using StellaOps.Telemetry.IngestGateway.Journal;
using StellaOps.Telemetry.Otlp;

namespace StellaOps.Telemetry.IngestGateway.Exporters;

/// <summary>
/// Copies the kept records of a trace or log request, byte for byte, and on demand appends their stamps as attributes. One for each exporter: it
/// keeps what it needs from one batch to the next, and allocates nothing for a batch.
/// </summary>
internal sealed class KeptSlicer
{
    private int[] _indexes = [];
    private AttributeSet?[] _attributes = [];
    private AttributeSet[] _sets = [];
    private IReadOnlyList<Stamp>? _stamps;
    private string? _replayId;
    private string? _markId;
    private AttributeSet? _mark;

    /// <param name="isSliced">The request holds the kept records alone, in their order.</param>
    /// <param name="stamps">What the kept records point into; null: none are materialised.</param>
    /// <param name="replayMark">Of the batch; its replay's id is materialised with the stamps.</param>
    public void Slice(
        OtlpSignal signal, ReadOnlySpan<byte> request, BatchDecision batch, bool isSliced, IReadOnlyList<Stamp>? stamps, string? replayMark, IBufferWriter<byte> output)
    {
        var kept = batch.Kept;
        var count = kept.Count;
        if (_indexes.Length < count)
        {
            _indexes = new int[Math.Max(count, _indexes.Length * 2)];
            _attributes = new AttributeSet?[_indexes.Length];
        }

        for (var i = 0; i < count; i++)
        {
            _indexes[i] = isSliced ? i : kept[i].Index;
        }

        var attributes = ReadOnlySpan<AttributeSet?>.Empty;
        if (stamps is not null)
        {
            Take(stamps, ReplayMark.TryParse(replayMark, out var mark) ? mark.ReplayId : null);
            for (var i = 0; i < count; i++)
            {
                _attributes[i] = _sets[kept[i].Stamp];
            }

            attributes = _attributes.AsSpan(0, count);
        }

        if (!OtlpSlicer.Slice(signal, request, _indexes.AsSpan(0, count), attributes, output))
        {
            throw new InvalidDataException("a logged batch is no request of its signal, or does not hold the records that were decided");
        }
    }

    /// <summary>Copies all records of a replay's batch, and appends the replay's id to each.</summary>
    public void Mark(OtlpSignal signal, ReadOnlySpan<byte> request, int records, string replayMark, IBufferWriter<byte> output)
    {
        var id = ReplayMark.TryParse(replayMark, out var mark) ? mark.ReplayId : replayMark;
        if (_markId != id)
        {
            (_markId, _mark) = (id, new AttributeSet().Add(ReplayMark.Attribute, id));
        }

        if (_indexes.Length < records)
        {
            _indexes = new int[Math.Max(records, _indexes.Length * 2)];
            _attributes = new AttributeSet?[_indexes.Length];
        }

        for (var i = 0; i < records; i++)
        {
            _indexes[i] = i;
        }

        if (!OtlpSlicer.Slice(signal, request, _indexes.AsSpan(0, records), new ReadOnlySpan<AttributeSet?>(ref _mark), output))
        {
            throw new InvalidDataException("a logged batch is no request of its signal, or does not hold the records that its envelope counts");
        }
    }

    /// <summary>Encodes a frame's stamps, once for all of its batches.</summary>
    private void Take(IReadOnlyList<Stamp> stamps, string? replayId)
    {
        if (ReferenceEquals(_stamps, stamps) && replayId == _replayId)
        {
            return;
        }

        _sets = new AttributeSet[stamps.Count];
        for (var i = 0; i < _sets.Length; i++)
        {
            var stamp = stamps[i];
            var set = new AttributeSet().Add("stella.sampling.policy", stamp.Policy).Add("stella.sampling.rate", stamp.Rate);
            set = stamp.IncidentId is null ? set : set.Add("stella.incident.id", stamp.IncidentId);
            _sets[i] = replayId is null ? set : set.Add(ReplayMark.Attribute, replayId);
        }

        (_stamps, _replayId) = (stamps, replayId);
    }
}
