using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace StellaOps.Telemetry.IngestGateway.Admission;

/// <summary>Decompresses with the limit enforced while bytes come out, so a bomb costs no more than the limit.</summary>
internal static class BodyDecompressor
{
    /// <summary>8 MiB, what RFC 8878 (3.1.1.1.2) asks a decoder to take: a frame may claim a window of gigabytes.</summary>
    private const int MaxZstdWindowLog = 23;

    /// <summary>Header, the empty deflate block and the trailer.</summary>
    private const int MinGzipBytes = 10 + 2 + 8;

    public static bool TryParse(ReadOnlySpan<char> name, out ContentEncoding encoding)
    {
        (var known, encoding) = name switch
        {
            "" or "identity" => (true, ContentEncoding.Identity),
            "gzip" or "x-gzip" => (true, ContentEncoding.Gzip),
            "zstd" => (true, ContentEncoding.Zstd),
            _ => (false, ContentEncoding.Identity),
        };
        return known;
    }

    public static IngestStatus Decompress(ContentEncoding encoding, ReadOnlyMemory<byte> compressed, PooledBody output)
    {
        if (!MemoryMarshal.TryGetArray(compressed, out var segment))
        {
            throw new ArgumentException("not backed by an array", nameof(compressed));
        }

        using var source = new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false);
        try
        {
            using var stream = Open(encoding, source);
            int read;
            while (output.Remaining > 0 && (read = stream.Read(Room(output))) > 0)
            {
                output.Advance(read);
            }

            if (output.Remaining == 0 && stream.ReadByte() >= 0)
            {
                return output.TooLarge;
            }

            return source.Position == source.Length && (encoding != ContentEncoding.Gzip || EndsInItsLength(compressed.Span, output.Length))
                ? IngestStatus.Accepted
                : IngestStatus.BadCompression;
        }
        catch (BodyLimitException e)
        {
            return e.Status;
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or ZstdException)
        {
            return IngestStatus.BadCompression;
        }
    }

    /// <summary>
    /// A gzip member ends in <c>CRC32 ISIZE</c>, 4 bytes each. The framework checks both where it finds them, and takes a body that is cut
    /// off before for a shorter one. Several members in a row, which no sender makes, are refused.
    /// </summary>
    private static bool EndsInItsLength(ReadOnlySpan<byte> compressed, int length) =>
        compressed.Length >= MinGzipBytes && BinaryPrimitives.ReadUInt32LittleEndian(compressed[^4..]) == (uint)length;

    private static Span<byte> Room(PooledBody output)
    {
        var room = output.GetSpan(1);
        return room.Length > output.Remaining ? room[..output.Remaining] : room;
    }

    private static Stream Open(ContentEncoding encoding, Stream source)
    {
        if (encoding == ContentEncoding.Gzip)
        {
            return new GZipStream(source, CompressionMode.Decompress, leaveOpen: true);
        }

        var zstd = new DecompressionStream(source, leaveOpen: true);
        zstd.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, MaxZstdWindowLog);
        return zstd;
    }
}
