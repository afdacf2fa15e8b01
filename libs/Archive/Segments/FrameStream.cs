using System.Buffers.Binary;
using ZstdSharp;

namespace StellaOps.Telemetry.Archive.Segments;

/// <summary>Reads frames, one after the other, from a segment's stored bytes.</summary>
/// <param name="key">For what is said of damage.</param>
internal sealed class FrameStream(Stream stored, string key) : IAsyncDisposable
{
    private readonly DecompressionStream _content = new(stored, leaveOpen: true);

    /// <summary>Bytes of the frames read so far, uncompressed.</summary>
    public long Bytes { get; private set; }

    /// <summary>The next frame as it stands, its two lengths included, and the length of its envelope; null at the end.</summary>
    /// <param name="mostBytes">The most that all frames together may have.</param>
    /// <exception cref="ArchiveDamagedException">No frame, or more than that.</exception>
    public async ValueTask<(byte[] Frame, int EnvelopeLength)?> ReadAsync(long mostBytes, CancellationToken cancellationToken)
    {
        var lengths = new byte[8];
        var filled = await FillAsync(lengths, cancellationToken).ConfigureAwait(false);
        if (filled == 0)
        {
            return null;
        }

        var frameLength = BinaryPrimitives.ReadUInt32BigEndian(lengths);
        var envelopeLength = BinaryPrimitives.ReadUInt32BigEndian(lengths.AsSpan(4));
        Bytes += 4L + frameLength;
        if (filled < lengths.Length || frameLength is < 4 or > SegmentFormat.MaxFrameBytes || envelopeLength > Math.Min(frameLength - 4, SegmentFormat.MaxEnvelopeBytes) || Bytes > mostBytes)
        {
            throw new ArchiveDamagedException(key, $"a frame claims {frameLength} bytes");
        }

        var frame = new byte[4 + frameLength];
        lengths.CopyTo(frame, 0);
        return await FillAsync(frame.AsMemory(lengths.Length), cancellationToken).ConfigureAwait(false) == frame.Length - lengths.Length
            ? (frame, (int)envelopeLength)
            : throw new ArchiveDamagedException(key, "it ends within a frame");
    }

    public ValueTask DisposeAsync() => _content.DisposeAsync();

    /// <summary>How many bytes there were, at most the buffer's length.</summary>
    private async ValueTask<int> FillAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var filled = 0;
        try
        {
            int read;
            while (filled < buffer.Length && (read = await _content.ReadAsync(buffer[filled..], cancellationToken).ConfigureAwait(false)) > 0)
            {
                filled += read;
            }
        }
        catch (Exception e) when (e is ZstdException or EndOfStreamException)
        {
            throw new ArchiveDamagedException(key, "it is not whole Zstandard data", e);
        }

        return filled;
    }
}
