namespace StellaOps.Telemetry.Archive.Segments;

/// <summary>
/// Zstandard outside; inside, frames: <c>u32 length   u32 envelope length   envelope   payload</c>, big-endian, the first length counting
/// everything after itself.
/// </summary>
public static class SegmentFormat
{
    /// <summary>The longest frame that is written or read: 64 MiB, above any batch that the gateway admits.</summary>
    public const int MaxFrameBytes = 64 * 1024 * 1024;

    /// <summary>The longest envelope: 16 MiB holds the kept records of any admitted batch.</summary>
    public const int MaxEnvelopeBytes = 16 * 1024 * 1024;

    /// <summary>Bytes of a frame before its envelope: the two lengths.</summary>
    internal const int HeadBytes = 8;

    /// <summary>Pinned with the version of ZstdSharp.Port: the same frames give the same stored bytes.</summary>
    internal const int ZstdLevel = 3;
}
