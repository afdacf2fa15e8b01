using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using StellaOps.Telemetry.Archive.Objects;
using ZstdSharp;

namespace StellaOps.Telemetry.Archive.Segments;

/// <summary>
/// Walks a segment's frames in one reused buffer: what it shows of a frame is gone with the next one. The digest of the stored bytes is known
/// only at the end, so nothing is proven before <see cref="MoveNextAsync"/> returned false. Not for use by two threads at once.
/// </summary>
internal sealed class SegmentScanner : IAsyncDisposable
{
    /// <summary>What is decompressed at once: a processor's cache holds it until it is looked through.</summary>
    private const int BlockBytes = 256 * 1024;

    private const int HeadBytes = 8;

    private readonly ChunkManifest _manifest;
    private readonly HashingStream _stored;
    private readonly DecompressionStream _content;
    private readonly IncrementalHash? _contentHash;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BlockBytes);
    private int _start;
    private int _end;
    private int _envelopeLength;
    private int _frameEnd;
    private long _records;

    private SegmentScanner(ChunkManifest manifest, Stream stored, bool isContentHashed)
    {
        _manifest = manifest;
        _stored = new HashingStream(stored, manifest.StoredBytes);
        _content = new DecompressionStream(_stored, leaveOpen: true);
        _contentHash = isContentHashed ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
    }

    /// <summary>Frames so far.</summary>
    public long Batches { get; private set; }

    /// <summary>Bytes of the frames so far, uncompressed.</summary>
    public long ContentBytes { get; private set; }

    /// <summary>The frame's OTLP request.</summary>
    public ReadOnlyMemory<byte> Payload => _buffer.AsMemory(_start + HeadBytes + _envelopeLength, _frameEnd - _start - HeadBytes - _envelopeLength);

    /// <param name="isContentHashed">
    /// Also compare what envelopes count and the digest of the content with the manifest. The stored bytes are always compared, and decide what
    /// the content is: this finds only a manifest that was written wrong.
    /// </param>
    /// <exception cref="ObjectNotFoundException">The segment is gone.</exception>
    public static async Task<SegmentScanner> OpenAsync(IObjectStore store, ChunkManifest manifest, bool isContentHashed, CancellationToken cancellationToken) =>
        new(manifest, await store.OpenReadAsync(manifest.SegmentKey, cancellationToken).ConfigureAwait(false), isContentHashed);

    /// <summary>Moves to the next frame; false at the end, when all is as the manifest says.</summary>
    /// <exception cref="ArchiveDamagedException">The bytes are not those that the manifest names.</exception>
    public async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        _start = _frameEnd;
        if (Batches == _manifest.Batches)
        {
            await EndAsync(cancellationToken).ConfigureAwait(false);
            return false;
        }

        await FillAsync(HeadBytes, cancellationToken).ConfigureAwait(false);
        var frameLength = BinaryPrimitives.ReadUInt32BigEndian(_buffer.AsSpan(_start));
        var envelopeLength = BinaryPrimitives.ReadUInt32BigEndian(_buffer.AsSpan(_start + 4));
        if (frameLength is < 4 or > SegmentFormat.MaxFrameBytes || envelopeLength > Math.Min(frameLength - 4, SegmentFormat.MaxEnvelopeBytes)
            || ContentBytes + 4 + frameLength > _manifest.ContentBytes)
        {
            throw Damaged($"frame {Batches} claims {frameLength} bytes");
        }

        await FillAsync(4 + (int)frameLength, cancellationToken).ConfigureAwait(false);
        _envelopeLength = (int)envelopeLength;
        _frameEnd = _start + 4 + (int)frameLength;
        ContentBytes += 4 + frameLength;
        Batches++;
        _contentHash?.AppendData(_buffer.AsSpan(_start, _frameEnd - _start));
        return true;
    }

    /// <summary>The frame's envelope; read when asked for, since it allocates.</summary>
    /// <exception cref="ArchiveDamagedException">There is none, or it is of another segment.</exception>
    public Envelope ReadEnvelope()
    {
        if (!Envelope.TryRead(_buffer.AsSpan(_start + HeadBytes, _envelopeLength), out var envelope)
            || envelope.Tenant != _manifest.Tenant || envelope.Signal != _manifest.Signal || envelope.GatewayId != _manifest.GatewayId)
        {
            throw Damaged($"frame {Batches - 1} has no envelope of this segment");
        }

        _records += envelope.Kept?.Count ?? envelope.RecordCount;
        return envelope;
    }

    public async ValueTask DisposeAsync()
    {
        await _content.DisposeAsync().ConfigureAwait(false);
        await _stored.DisposeAsync().ConfigureAwait(false);
        _contentHash?.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private async Task EndAsync(CancellationToken cancellationToken)
    {
        if (_end > _start || await ReadAsync(_buffer.AsMemory(0, 1), cancellationToken).ConfigureAwait(false) != 0)
        {
            throw Damaged("it goes on after its last frame");
        }

        await _stored.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
        if (_stored.BytesRead != _manifest.StoredBytes || _stored.Sha256() != _manifest.StoredSha256)
        {
            throw Damaged("its stored bytes are not those that its manifest names");
        }

        if (ContentBytes != _manifest.ContentBytes
            || (_contentHash is not null && (_records != _manifest.Records || Convert.ToHexStringLower(_contentHash.GetCurrentHash()) != _manifest.ContentSha256)))
        {
            throw Damaged("its content is not what its manifest names");
        }
    }

    /// <summary>Has so many bytes of the frame in the buffer.</summary>
    private async ValueTask FillAsync(int wanted, CancellationToken cancellationToken)
    {
        if (_end - _start >= wanted)
        {
            return;
        }

        var rest = _buffer.AsSpan(_start, _end - _start);
        if (wanted > _buffer.Length)
        {
            // At most SegmentFormat.MaxFrameBytes, and not more than the manifest says that there is.
            var larger = ArrayPool<byte>.Shared.Rent(wanted);
            rest.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
        else
        {
            rest.CopyTo(_buffer);
        }

        (_start, _end) = (0, rest.Length);
        while (_end < wanted)
        {
            var read = await ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                throw Damaged("it ends before its last frame");
            }

            _end += read;
        }
    }

    private async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await _content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ZstdException or EndOfStreamException)
        {
            throw new ArchiveDamagedException(_manifest.SegmentKey, "it is not whole Zstandard data", e);
        }
    }

    private ArchiveDamagedException Damaged(string what) => new(_manifest.SegmentKey, what);
}
