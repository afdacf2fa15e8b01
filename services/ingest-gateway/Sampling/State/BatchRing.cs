using System.Runtime.CompilerServices;
using StellaOps.Telemetry.IngestGateway.Log;

namespace StellaOps.Telemetry.IngestGateway.Sampling.State;

/// <summary>A batch that was looked at and is not yet behind the low watermark.</summary>
internal struct BatchState
{
    public BatchEntry Entry;

    /// <summary>Records of it that are not decided.</summary>
    public int Undecided;

    /// <summary>What the frame in the making says of it: a list in the frame builder, -1 when nothing.</summary>
    public int FirstPending;
    public int LastPending;
}

/// <summary>Batches by sequence, which has no holes: a ring that grows to the span of undecided batches.</summary>
internal sealed class BatchRing
{
    private BatchState[] _slots = new BatchState[64];

    /// <summary>The lowest sequence held.</summary>
    public ulong First { get; private set; } = 1;

    /// <summary>One above the highest.</summary>
    public ulong Next { get; private set; } = 1;

    public long Bytes => (long)(Next - First) * Unsafe.SizeOf<BatchState>();

    public ref BatchState this[ulong sequence] => ref _slots[(int)(sequence & (ulong)(_slots.Length - 1))];

    /// <summary>The sequence with these low 32 bits.</summary>
    public ulong Expand(uint low) => First + (low - (uint)First);

    /// <summary>Empties the ring; the next batch is this one.</summary>
    public void Reset(ulong first) => (First, Next) = (first, first);

    /// <summary>Takes in the next batch.</summary>
    public ref BatchState Push(in BatchEntry entry)
    {
        if (Next - First == (ulong)_slots.Length)
        {
            Grow();
        }

        ref var slot = ref this[Next++];
        slot = new BatchState { Entry = entry, FirstPending = -1, LastPending = -1 };
        return ref slot;
    }

    /// <summary>Takes back the last batch, of which nothing is known.</summary>
    public void Pop() => Next--;

    /// <summary>The lowest sequence, from the first held on, of which something is undecided.</summary>
    public ulong LowestUndecided()
    {
        var low = First;
        while (low < Next && this[low].Undecided == 0)
        {
            low++;
        }

        return low;
    }

    /// <summary>Lets go of all below.</summary>
    public void ReleaseBelow(ulong low) => First = low;

    private void Grow()
    {
        var grown = new BatchState[_slots.Length * 2];
        for (var sequence = First; sequence < Next; sequence++)
        {
            grown[(int)(sequence & (ulong)(grown.Length - 1))] = this[sequence];
        }

        _slots = grown;
    }
}
