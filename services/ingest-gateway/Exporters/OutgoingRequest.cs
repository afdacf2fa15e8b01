using System.Buffers;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.IngestGateway.Exporters;

/// <summary>
/// One Export request in the making: the batches of one tenant and signal behind one another, each read or sliced to where it will be sent
/// from. They lie in rented blocks that no batch straddles, so that nothing is copied when the request grows.
/// </summary>
internal sealed class OutgoingRequest(TenantId tenant, Signal signal, DateTimeOffset openedAt) : IBufferWriter<byte>, IDisposable
{
    /// <summary>A tenant with little to say holds little; one with much soon gets blocks of this size.</summary>
    private const int UsualBlock = 256 * 1024;
    private const int SmallestBlock = 4 * 1024;

    private readonly List<byte[]> _blocks = [];
    private readonly List<OutgoingPart> _parts = [];
    private int _used;
    private int _partFrom;

    public TenantId Tenant => tenant;

    public Signal Signal => signal;

    public DateTimeOffset OpenedAt => openedAt;

    /// <summary>Joins nothing more.</summary>
    public bool IsClosed { get; set; }

    public IReadOnlyList<OutgoingPart> Parts => _parts;

    /// <summary>Bytes to send.</summary>
    public int Length { get; private set; }

    /// <summary>Bytes rented.</summary>
    public long Capacity { get; private set; }

    /// <summary>Of them, what the exporter has counted.</summary>
    public long Counted { get; set; }

    /// <summary>Room for exactly so many bytes in one piece; asked for again, it is the same room.</summary>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_blocks.Count == 0 || _blocks[^1].Length - _used < sizeHint)
        {
            var grown = Math.Clamp(_blocks.Count == 0 ? SmallestBlock : _blocks[^1].Length * 2, SmallestBlock, UsualBlock);
            var block = ArrayPool<byte>.Shared.Rent(Math.Max(sizeHint, grown));
            _blocks.Add(block);
            Capacity += block.Length;
            _used = 0;
        }

        return _blocks[^1].AsMemory(_used, sizeHint);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>The batch that <see cref="Add"/> names stands in the next so many bytes of the room.</summary>
    public void Advance(int count) => (_partFrom, _used) = (_used, _used + count);

    /// <summary>Says what was written last.</summary>
    public void Add(FrameProgress.Frame frame, ulong sequence, long acceptedAtUnixNano, int records)
    {
        _parts.Add(new OutgoingPart(_blocks[^1].AsMemory(_partFrom, _used - _partFrom), frame, sequence, acceptedAtUnixNano, records));
        Length += _used - _partFrom;
    }

    /// <summary>The bytes of some of the parts, those that lie behind one another as one.</summary>
    public List<ReadOnlyMemory<byte>> Pieces(int from, int to)
    {
        var pieces = new List<ReadOnlyMemory<byte>>();
        var (block, start, length) = (default(byte[]), 0, 0);
        for (var i = from; i < to; i++)
        {
            _ = System.Runtime.InteropServices.MemoryMarshal.TryGetArray(_parts[i].Bytes, out var part);
            if (block == part.Array && start + length == part.Offset)
            {
                length += part.Count;
                continue;
            }

            if (length > 0)
            {
                pieces.Add(block.AsMemory(start, length));
            }

            (block, start, length) = (part.Array, part.Offset, part.Count);
        }

        pieces.Add(block.AsMemory(start, length));
        return pieces;
    }

    /// <summary>Gives the blocks back; nobody may be sending from them any more.</summary>
    public void Dispose()
    {
        foreach (var block in _blocks)
        {
            ArrayPool<byte>.Shared.Return(block);
        }

        _blocks.Clear();
        _parts.Clear();
    }
}

/// <summary>One batch of an <see cref="OutgoingRequest"/>: by itself an Export request.</summary>
internal readonly record struct OutgoingPart(ReadOnlyMemory<byte> Bytes, FrameProgress.Frame Frame, ulong Sequence, long AcceptedAtUnixNano, int Records);
