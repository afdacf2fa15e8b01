using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using StellaOps.Telemetry.Archive.Objects;

namespace StellaOps.Telemetry.Archive.Segments;

/// <summary>One frame of a segment.</summary>
public readonly record struct SegmentFrame(Envelope Envelope, ReadOnlyMemory<byte> Payload);

/// <summary>A segment or manifest is not what it says.</summary>
public sealed class ArchiveDamagedException(string key, string what, Exception? inner = null) : IOException($"'{key}' is damaged: {what}", inner)
{
    /// <summary>The damaged object.</summary>
    public string Key { get; } = key;

    /// <summary>What is wrong with it.</summary>
    public string What { get; } = what;
}

/// <summary>Reads segments.</summary>
public static class SegmentReader
{
    /// <summary>
    /// The frames in the order they were written. The digest of the stored bytes is known only at their end, so an enumeration that did not
    /// end by itself proves nothing: act on frames only after it did.
    /// </summary>
    /// <exception cref="ArchiveDamagedException">The bytes are not those that the manifest names.</exception>
    /// <exception cref="ObjectNotFoundException">The segment is gone.</exception>
    public static async IAsyncEnumerable<SegmentFrame> ReadAsync(IObjectStore store, ChunkManifest manifest, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var scanner = await SegmentScanner.OpenAsync(store, manifest, isContentHashed: true, cancellationToken).ConfigureAwait(false);
        await using var ofScanner = scanner.ConfigureAwait(false);
        while (await scanner.MoveNextAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return new SegmentFrame(scanner.ReadEnvelope(), scanner.Payload.ToArray());
        }
    }

    /// <summary>
    /// Whether the segment's stored bytes are those that its manifest names. For who acts on frames as they come, and so has to know before the
    /// first one.
    /// </summary>
    /// <exception cref="ObjectNotFoundException">It is gone: <see cref="ArchiveCatalog.FindReplacementsAsync"/> says what holds its records now.</exception>
    public static async Task<bool> IsWholeAsync(IObjectStore store, ChunkManifest manifest, CancellationToken cancellationToken)
    {
        var stored = await store.OpenReadAsync(manifest.SegmentKey, cancellationToken).ConfigureAwait(false);
        await using var ofStored = stored.ConfigureAwait(false);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stored, cancellationToken).ConfigureAwait(false)) == manifest.StoredSha256;
    }
}
