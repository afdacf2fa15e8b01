using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using StellaOps.Telemetry.Archive.Objects;
using ZstdSharp;

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
        var key = manifest.SegmentKey;
        var stored = new HashingStream(await store.OpenReadAsync(key, cancellationToken).ConfigureAwait(false), manifest.StoredBytes);
        await using var ofStored = stored.ConfigureAwait(false);
        var content = new DecompressionStream(stored, leaveOpen: true);
        await using var ofContent = content.ConfigureAwait(false);
        using var contentHash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var lengths = new byte[8];
        var bytes = 0L;
        var records = 0L;
        for (var batch = 0L; batch < manifest.Batches; batch++)
        {
            await FillAsync(content, lengths, key, cancellationToken).ConfigureAwait(false);
            var frameLength = BinaryPrimitives.ReadUInt32BigEndian(lengths);
            var envelopeLength = BinaryPrimitives.ReadUInt32BigEndian(lengths.AsSpan(4));
            bytes += 4L + frameLength;
            if (frameLength is < 4 or > SegmentFormat.MaxFrameBytes || envelopeLength > Math.Min(frameLength - 4, SegmentFormat.MaxEnvelopeBytes) || bytes > manifest.ContentBytes)
            {
                throw new ArchiveDamagedException(key, $"frame {batch} claims {frameLength} bytes");
            }

            var body = new byte[frameLength - 4];
            await FillAsync(content, body, key, cancellationToken).ConfigureAwait(false);
            contentHash.AppendData(lengths);
            contentHash.AppendData(body);
            if (!Envelope.TryRead(body.AsSpan(0, (int)envelopeLength), out var envelope)
                || envelope.Tenant != manifest.Tenant || envelope.Signal != manifest.Signal || envelope.GatewayId != manifest.GatewayId)
            {
                throw new ArchiveDamagedException(key, $"frame {batch} has no envelope of this segment");
            }

            records += envelope.Kept?.Count ?? envelope.RecordCount;
            yield return new SegmentFrame(envelope, body.AsMemory((int)envelopeLength));
        }

        if (await ReadAsync(content, new byte[1], key, cancellationToken).ConfigureAwait(false) != 0)
        {
            throw new ArchiveDamagedException(key, "it goes on after its last frame");
        }

        await stored.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
        if (stored.BytesRead != manifest.StoredBytes || stored.Sha256() != manifest.StoredSha256)
        {
            throw new ArchiveDamagedException(key, "its stored bytes are not those that its manifest names");
        }

        if (bytes != manifest.ContentBytes || records != manifest.Records || Convert.ToHexStringLower(contentHash.GetCurrentHash()) != manifest.ContentSha256)
        {
            throw new ArchiveDamagedException(key, "its content is not what its manifest names");
        }
    }

    private static async ValueTask FillAsync(Stream content, Memory<byte> buffer, string key, CancellationToken cancellationToken)
    {
        while (buffer.Length > 0)
        {
            var read = await ReadAsync(content, buffer, key, cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                throw new ArchiveDamagedException(key, "it ends before its last frame");
            }

            buffer = buffer[read..];
        }
    }

    private static async ValueTask<int> ReadAsync(Stream content, Memory<byte> buffer, string key, CancellationToken cancellationToken)
    {
        try
        {
            return await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ZstdException or EndOfStreamException)
        {
            throw new ArchiveDamagedException(key, "it is not whole Zstandard data", e);
        }
    }
}
