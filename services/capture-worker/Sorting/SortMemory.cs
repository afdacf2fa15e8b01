namespace StellaOps.Telemetry.CaptureWorker.Sorting;

/// <summary>
/// The memory of one capture's sort, shared by its three signals: two blocks, of which one is filled while the other one is sorted and spilled.
/// </summary>
/// <param name="blockBytes">Of each block.</param>
internal sealed class SortMemory(int blockBytes)
{
    private const int Blocks = 2;

    private readonly SemaphoreSlim _free = new(Blocks);
    private readonly Stack<SortBlock> _blocks = new(Enumerable.Range(0, Blocks).Select(_ => new SortBlock()));

    public int BlockBytes => blockBytes;

    /// <summary>What a signal may keep in memory until its turn to be written: all three of them are less than a block.</summary>
    public int KeptBytes => blockBytes / 4;

    /// <summary>An empty block; waits for one. Blocks the thread: who adds records cannot go on without.</summary>
    public SortBlock Rent(CancellationToken cancellationToken)
    {
        _free.Wait(cancellationToken);
        lock (_blocks)
        {
            return _blocks.Pop();
        }
    }

    public void Return(SortBlock block)
    {
        block.Clear(blockBytes);
        lock (_blocks)
        {
            _blocks.Push(block);
        }

        _free.Release();
    }

    /// <summary>Lets the blocks go, once nobody adds any more: merging needs the memory.</summary>
    public void Release()
    {
        lock (_blocks)
        {
            _blocks.Clear();
        }
    }
}
