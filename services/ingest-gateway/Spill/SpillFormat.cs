using System.Buffers.Binary;
using System.IO.Hashing;

namespace StellaOps.Telemetry.IngestGateway.Spill;

/// <summary>
/// Bytes of a spill file, little-endian.
/// <code>
/// file   u64 xxh3 of the rest   u32 magic   u32 version   u64 first sequence   u64 last sequence   u64 index offset   u32 index entries   zeros up to 64
///        { envelope   payload }
///        index { u64 sequence   u64 offset   u32 envelope length   u32 payload length   u64 xxh3 of envelope and payload }   u64 xxh3 of the index
/// </code>
/// The envelope is that of the log, with the indexes and stamps of the records that the payload carries where it does not carry all. A file
/// gets its name when all of it is on the disk.
/// </summary>
internal static class SpillFormat
{
    public const int HeaderLength = 64;
    public const int EntryLength = 32;
    private const uint Magic = 0x4C505453;
    private const uint Version = 1;

    public static void WriteHeader(Span<byte> header, in SpillHeader value)
    {
        header[..HeaderLength].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], Version);
        BinaryPrimitives.WriteUInt64LittleEndian(header[16..], value.First);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], value.Last);
        BinaryPrimitives.WriteInt64LittleEndian(header[32..], value.IndexOffset);
        BinaryPrimitives.WriteInt32LittleEndian(header[40..], value.Entries);
        BinaryPrimitives.WriteUInt64LittleEndian(header, XxHash3.HashToUInt64(header[8..HeaderLength]));
    }

    public static bool TryReadHeader(ReadOnlySpan<byte> header, out SpillHeader value)
    {
        value = default;
        if (header.Length < HeaderLength
            || BinaryPrimitives.ReadUInt64LittleEndian(header) != XxHash3.HashToUInt64(header[8..HeaderLength])
            || BinaryPrimitives.ReadUInt32LittleEndian(header[8..]) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(header[12..]) != Version)
        {
            return false;
        }

        value = new SpillHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(header[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(header[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(header[32..]),
            BinaryPrimitives.ReadInt32LittleEndian(header[40..]));
        return value.Entries >= 0 && value.IndexOffset >= HeaderLength && value.Last >= value.First;
    }

    public static void WriteEntry(Span<byte> bytes, in SpillEntry entry)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, entry.Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], entry.Offset);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[16..], entry.EnvelopeLength);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[20..], entry.PayloadLength);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], entry.Hash);
    }

    public static SpillEntry ReadEntry(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]),
        BinaryPrimitives.ReadInt32LittleEndian(bytes[20..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]));
}

/// <summary>What a spill file holds: all that was still needed of these sequences.</summary>
internal readonly record struct SpillHeader(ulong First, ulong Last, long IndexOffset, int Entries);

/// <summary>Where one batch stands.</summary>
internal readonly record struct SpillEntry(ulong Sequence, long Offset, int EnvelopeLength, int PayloadLength, ulong Hash)
{
    public int Length => EnvelopeLength + PayloadLength;
}
