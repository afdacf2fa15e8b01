using System.Buffers.Binary;

namespace StellaOps.Telemetry.Evidence.Bundles;

/// <summary>
/// Walks Zstandard's block headers (https://www.rfc-editor.org/rfc/rfc8878#section-3.1.1): a decompressor alone would pass over skippable and
/// empty frames after the first, where anything could be hidden.
/// </summary>
internal static class ZstdFrame
{
    private const uint Magic = 0xFD2FB528;

    /// <summary>Whether the stream is exactly one frame, from its position to its end. Leaves the position anywhere.</summary>
    public static async Task<bool> IsAloneAsync(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[5];
        if (!await FillAsync(stream, buffer, cancellationToken).ConfigureAwait(false) || BinaryPrimitives.ReadUInt32LittleEndian(buffer) != Magic)
        {
            return false;
        }

        var descriptor = buffer[4];
        var isSingleSegment = (descriptor & 0x20) != 0;
        var contentSize = (descriptor >> 6) switch { 0 => isSingleSegment ? 1 : 0, 1 => 2, 2 => 4, _ => 8 };
        var dictionary = (descriptor & 3) switch { 0 => 0, 1 => 1, 2 => 2, _ => 4 };
        var at = stream.Position + (isSingleSegment ? 0 : 1) + dictionary + contentSize;
        var header = new byte[3];
        for (var isLast = false; !isLast;)
        {
            stream.Position = at;
            if (!await FillAsync(stream, header, cancellationToken).ConfigureAwait(false))
            {
                return false;
            }

            var block = header[0] | (header[1] << 8) | (header[2] << 16);
            isLast = (block & 1) != 0;
            at += 3 + ((block >> 1) & 3) switch { 1 => 1, 3 => long.MaxValue / 2, _ => block >> 3 };
            if (at > stream.Length)
            {
                return false;
            }
        }

        return at + ((descriptor & 4) != 0 ? 4 : 0) == stream.Length;
    }

    private static async ValueTask<bool> FillAsync(Stream stream, byte[] buffer, CancellationToken cancellationToken) =>
        await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false) == buffer.Length;
}
