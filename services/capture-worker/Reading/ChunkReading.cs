using System.Buffers;
using System.Buffers.Binary;
using StellaOps.Telemetry.Archive.Search;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.CaptureWorker.Jobs;
using StellaOps.Telemetry.CaptureWorker.Sorting;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Replays;
using StellaOps.Telemetry.Otlp;

namespace StellaOps.Telemetry.CaptureWorker.Reading;

/// <summary>Takes frames apart into records, chunk by chunk.</summary>
internal sealed class ChunkReading(CaptureJob job, IReadOnlyDictionary<Signal, SignalContent> signals, ContentBudget budget)
{
    private const int MaxReplays = 1000;

    private readonly RecordMatcher _matcher = new(new RecordQuery { Services = job.Services, TraceId = job.TraceId });
    private readonly Dictionary<string, int> _gateways = new(StringComparer.Ordinal);
    private readonly SequenceSet _seen = new();
    private readonly List<(SignalContent Content, string GatewayId, int Gateway, ulong Sequence, int Records)> _whole = [];
    private readonly ArrayBufferWriter<byte> _frame = new();
    private readonly SortedSet<string> _replays = new(StringComparer.Ordinal);

    /// <summary>The ids of the replays that records came by; the first few.</summary>
    public IReadOnlyCollection<string> Replays => _replays;

    /// <summary>The number of the chunk under way.</summary>
    public int Chunk { get; private set; }

    /// <summary>Begins the next chunk.</summary>
    public void Begin()
    {
        Chunk++;
        _whole.Clear();
    }

    /// <summary>Takes in a frame; otherwise says what is wrong with its chunk.</summary>
    public string? Add(in SegmentFrame frame, CancellationToken cancellationToken)
    {
        var (envelope, payload) = frame;
        if (envelope.AcceptedAtUnixNano < job.FromUnixNano || envelope.AcceptedAtUnixNano >= job.ToUnixNano)
        {
            return null;
        }

        if (_replays.Count < MaxReplays && ReplayMark.TryParse(envelope.ReplayMark, out var mark))
        {
            _replays.Add(mark.ReplayId);
        }

        var content = signals[envelope.Signal];
        if (!_gateways.TryGetValue(envelope.GatewayId, out var gateway))
        {
            _gateways.Add(envelope.GatewayId, gateway = _gateways.Count);
        }

        var origin = new RecordOrigin(BinaryPrimitives.ReadUInt128BigEndian(envelope.BatchHash.Span), 0, envelope.AcceptedAtUnixNano, gateway, envelope.Sequence);
        var matching = _matcher.Begin();
        var reader = new RecordReader((OtlpSignal)envelope.Signal, payload.Span);
        var expected = envelope.Kept?.Count ?? envelope.RecordCount;
        var ordinal = 0;
        for (; ordinal < expected && reader.TryRead(out var record); ordinal++)
        {
            if (matching.Takes(record))
            {
                _frame.ResetWrittenCount();
                CanonicalFrame.Write(record, _frame);
                budget.Take(_frame.WrittenCount);

                // In a partial frame the n-th record is the n-th kept one of the logged batch.
                var index = envelope.Kept is { } kept ? kept[ordinal].Index : ordinal;
                content.Sorter.Add(CanonicalFrame.KeyOf(record), origin with { Index = index }, Chunk, _frame.WrittenSpan, cancellationToken);
            }
        }

        if (ordinal < expected || reader.TryRead(out _) || reader.IsMalformed)
        {
            return $"the batch of gateway {envelope.GatewayId}, sequence {envelope.Sequence}, does not hold the {expected} records that its envelope counts";
        }

        if (envelope.Kept is null)
        {
            _whole.Add((content, envelope.GatewayId, gateway, envelope.Sequence, expected));
        }

        return null;
    }

    /// <summary>The chunk was whole: its batches count.</summary>
    public void Commit()
    {
        foreach (var (content, id, gateway, sequence, records) in _whole)
        {
            if (_seen.Add(gateway, sequence))
            {
                content.ReadByGateway[id] = content.ReadByGateway.GetValueOrDefault(id) + records;
            }
        }
    }
}
