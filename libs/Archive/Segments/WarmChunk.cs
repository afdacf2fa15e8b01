using System.Security.Cryptography;
using StellaOps.Telemetry.Archive.Objects;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace StellaOps.Telemetry.Archive.Segments;

/// <summary>
/// Chunks that were rewritten smaller: the same frames, byte for byte, in the same order, at a higher level of Zstandard. They stand beside
/// what they replace under a name of their own, since a chunk never changes.
/// </summary>
public static class WarmChunk
{
    /// <summary>The end of a warm segment's name.</summary>
    public const string NameSuffix = "-warm";

    /// <summary>Pinned, like that of hot segments: a chunk that is rewritten again after a crash replaces itself.</summary>
    internal const int ZstdLevel = 15;

    /// <summary>Whether the chunk was rewritten.</summary>
    public static bool IsWarm(this ChunkManifest chunk)
    {
        ArgumentNullException.ThrowIfNull(chunk);
        return chunk.Segment.EndsWith(NameSuffix, StringComparison.Ordinal);
    }

    /// <summary>Puts the warm chunk beside the hot one, manifest last. The hot one is not touched.</summary>
    /// <param name="spoolFolder">Where the compressed bytes wait for their digest.</param>
    /// <returns>The manifest of the warm chunk.</returns>
    /// <exception cref="ArchiveDamagedException">The hot one's bytes are not those that its manifest names; nothing was put.</exception>
    /// <exception cref="ObjectNotFoundException">The hot one is gone.</exception>
    public static async Task<ChunkManifest> WriteAsync(IObjectStore store, ChunkManifest hot, string spoolFolder, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(hot);
        var spool = SpoolFile.Open(spoolFolder);
        await using var ofSpool = spool.ConfigureAwait(false);
        await RecompressAsync(store, hot, spool, cancellationToken).ConfigureAwait(false);
        spool.Position = 0;
        var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(spool, cancellationToken).ConfigureAwait(false));
        var warm = hot with { Segment = hot.Segment + NameSuffix, StoredBytes = spool.Length, StoredSha256 = sha256 };
        spool.Position = 0;
        await store.PutAsync(warm.SegmentKey, spool, cancellationToken).ConfigureAwait(false);
        using var json = new MemoryStream(warm.ToJson(), writable: false);
        await store.PutAsync(warm.ManifestKey, json, cancellationToken).ConfigureAwait(false);
        return warm;
    }

    private static async Task RecompressAsync(IObjectStore store, ChunkManifest hot, Stream target, CancellationToken cancellationToken)
    {
        var key = hot.SegmentKey;
        var stored = new HashingStream(await store.OpenReadAsync(key, cancellationToken).ConfigureAwait(false), hot.StoredBytes);
        await using var ofStored = stored.ConfigureAwait(false);
        var content = new DecompressionStream(stored, leaveOpen: true);
        await using var ofContent = content.ConfigureAwait(false);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var compressor = new Compressor(ZstdLevel);
        compressor.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
        compressor.SetPledgedSrcSize((ulong)hot.ContentBytes);
        var bytes = 0L;
        try
        {
            using var compressed = new CompressionStream(target, compressor, preserveCompressor: true, leaveOpen: true);
            var buffer = new byte[128 * 1024];
            for (int read; (read = await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
            {
                bytes += read;
                if (bytes > hot.ContentBytes)
                {
                    throw new ArchiveDamagedException(key, "its content is longer than its manifest names");
                }

                hash.AppendData(buffer, 0, read);
                compressed.Write(buffer, 0, read);
            }
        }
        catch (Exception e) when (e is ZstdException or EndOfStreamException)
        {
            throw new ArchiveDamagedException(key, "it is not whole Zstandard data", e);
        }

        await stored.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
        if (bytes != hot.ContentBytes || Convert.ToHexStringLower(hash.GetCurrentHash()) != hot.ContentSha256
            || stored.BytesRead != hot.StoredBytes || stored.Sha256() != hot.StoredSha256)
        {
            throw new ArchiveDamagedException(key, "its bytes are not those that its manifest names");
        }
    }
}
