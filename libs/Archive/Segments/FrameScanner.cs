using System.Buffers;
using System.Buffers.Binary;
using ZstdSharp;

namespace StellaOps.Telemetry.Archive.Segments;

/// <summary>
/// Walks the frames of a segment's stored bytes in one reused buffer: what it shows of a frame is gone with the next one. Not for use by two
/// threads at once.
/// </summary>
/// <param name="key">For what is said of damage.</param>
/// <param name="mostFrames">It ends after so many, or with the bytes.</param>
/// <param name="mostBytes">The most that all frames together may have.</param>
internal class FrameScanner(Stream stored, string key, long mostFrames, long mostBytes) : IAsyncDisposable
{
    /// <summary>What is decompressed at once: a processor's cache holds it until it is looked through.</summary>
    private const int BlockBytes = 256 * 1024;

    private readonly DecompressionStream _content = new(stored, leaveOpen: true);
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BlockBytes);
    private int _start;
    private int _end;
    private int _envelopeLength;
    private int _frameEnd;

    /// <summary>Frames so far.</summary>
    public long Batches { get; private set; }

    /// <summary>Bytes of the frames so far, uncompressed.</summary>
    public long ContentBytes { get; private set; }

    /// <summary>The frame's OTLP request.</summary>
    public ReadOnlyMemory<byte> Payload => _buffer.AsMemory(_start + SegmentFormat.HeadBytes + _envelopeLength, _frameEnd - _start - SegmentFormat.HeadBytes - _envelopeLength);

    /// <summary>The frame's envelope, not read yet.</summary>
    public ReadOnlySpan<byte> EnvelopeBytes => _buffer.AsSpan(_start + SegmentFormat.HeadBytes, _envelopeLength);

    /// <summary>The frame as it stands, its two lengths included.</summary>
    protected ReadOnlySpan<byte> Frame => _buffer.AsSpan(_start, _frameEnd - _start);

    /// <summary>Moves to the next frame; false at the end.</summary>
    /// <exception cref="ArchiveDamagedException">There is no whole frame.</exception>
    public async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        _start = _frameEnd;
        if (Batches == mostFrames || !await FillAsync(SegmentFormat.HeadBytes, cancellationToken).ConfigureAwait(false))
        {
            await EndAsync(cancellationToken).ConfigureAwait(false);
            return false;
        }

        var frameLength = BinaryPrimitives.ReadUInt32BigEndian(_buffer.AsSpan(_start));
        var envelopeLength = BinaryPrimitives.ReadUInt32BigEndian(_buffer.AsSpan(_start + 4));
        if (frameLength is < 4 or > SegmentFormat.MaxFrameBytes || envelopeLength > Math.Min(frameLength - 4, SegmentFormat.MaxEnvelopeBytes)
            || ContentBytes + 4 + frameLength > mostBytes)
        {
            throw Damaged($"frame {Batches} claims {frameLength} bytes");
        }

        await FillAsync(4 + (int)frameLength, cancellationToken).ConfigureAwait(false);
        _envelopeLength = (int)envelopeLength;
        _frameEnd = _start + 4 + (int)frameLength;
        ContentBytes += 4 + frameLength;
        Batches++;
        OnFrame();
        return true;
    }

    public virtual async ValueTask DisposeAsync()
    {
        await _content.DisposeAsync().ConfigureAwait(false);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    protected virtual void OnFrame()
    {
    }

    /// <summary>Nothing comes after the last frame.</summary>
    protected virtual async ValueTask EndAsync(CancellationToken cancellationToken)
    {
        if (_end > _start || await ReadAsync(_buffer.AsMemory(0, 1), cancellationToken).ConfigureAwait(false) != 0)
        {
            throw Damaged("it goes on after its last frame");
        }
    }

    protected ArchiveDamagedException Damaged(string what, Exception? inner = null) => new(key, what, inner);

    /// <summary>Has so many bytes of the frame in the buffer; false when the bytes ended with the frame before.</summary>
    private async ValueTask<bool> FillAsync(int wanted, CancellationToken cancellationToken)
    {
        if (_end - _start >= wanted)
        {
            return true;
        }

        var rest = _buffer.AsSpan(_start, _end - _start);
        if (wanted > _buffer.Length)
        {
            // At most SegmentFormat.MaxFrameBytes.
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
                return _end == 0 ? false : throw Damaged("it ends within a frame");
            }

            _end += read;
        }

        return true;
    }

    private async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await _content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ZstdException or EndOfStreamException)
        {
            throw Damaged("it is not whole Zstandard data", e);
        }
    }
}
