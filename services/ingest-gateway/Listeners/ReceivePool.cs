using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace StellaOps.Telemetry.IngestGateway.Listeners;

/// <summary>
/// Blocks that the server receives into. Kestrel's own are of 4 KiB, so that a batch of 113 KB takes some thirty system calls; one of
/// these takes four. Pinned and reused; a block over <see cref="MaxFree"/> goes back to the collector.
/// </summary>
internal sealed class ReceivePool : MemoryPool<byte>, IMemoryPoolFactory<byte>
{
    /// <summary>Measured: 16 KiB costs a tenth more a batch, 64 KiB no less, and each connection holds one while a request comes in.</summary>
    private const int BlockBytes = 32 * 1024;

    /// <summary>16 MiB that stay once they were needed.</summary>
    private const int MaxFree = 512;

    private readonly ConcurrentBag<Block> _free = [];
    private int _freeCount;

    public override int MaxBufferSize => BlockBytes;

    public MemoryPool<byte> Create(MemoryPoolOptions? options) => this;

    /// <param name="minBufferSize">At most <see cref="MaxBufferSize"/>; what is asked for is less nearly always, and gets a whole block.</param>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockBytes);
        if (_free.TryTake(out var block))
        {
            Interlocked.Decrement(ref _freeCount);
            return block;
        }

        return new Block(this);
    }

    /// <summary>Shared by every listener: it ends with the process.</summary>
    protected override void Dispose(bool disposing)
    {
    }

    private void Return(Block block)
    {
        if (Volatile.Read(ref _freeCount) < MaxFree)
        {
            Interlocked.Increment(ref _freeCount);
            _free.Add(block);
        }
    }

    private sealed class Block(ReceivePool pool) : IMemoryOwner<byte>
    {
        public Memory<byte> Memory { get; } = GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true);

        public void Dispose() => pool.Return(this);
    }
}
