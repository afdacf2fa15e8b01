namespace StellaOps.Telemetry.Archive.Compaction;

/// <summary>Which chunks are joined.</summary>
/// <param name="SmallBytes">Chunks of at most so many stored bytes are joined.</param>
/// <param name="MostBytes">Content of a joined chunk at most, uncompressed.</param>
/// <param name="LeastChunks">Fewer are left alone.</param>
public sealed record CompactionRules(long SmallBytes, long MostBytes, int LeastChunks)
{
    /// <summary>In words, for tombstones.</summary>
    public string Text => $"chunks of at most {SmallBytes} stored bytes are joined, at least {LeastChunks} at a time, into one of at most {MostBytes} content bytes";
}
