using System.Buffers.Binary;
using System.IO.Hashing;

namespace StellaOps.Telemetry.IngestGateway.Log;

/// <summary>
/// Bytes of a log file, little-endian.
/// <code>
/// file   u64 xxh3 of the rest   u32 magic   u32 version   u64 first sequence   zeros up to 64
/// frame  u64 xxh3 of the rest up to the payload   u32 magic   u32 envelope length   u32 payload length   envelope   payload
/// </code>
/// The payload is guarded by the envelope's batch hash, which is computed before the log's lock is taken; what is hashed under the lock
/// is some 200 bytes. A reused file keeps old frames behind its tail: their sequence is not the expected one, so a scan ends there.
/// </summary>
internal static class LogFormat
{
    public const int FileHeaderLength = 64;
    public const int FrameHeaderLength = 20;
    public const int MaxEnvelopeLength = 4096;
    public const uint FrameMagic = 0x464C5453;

    /// <summary>Where the magic stands in a frame's header.</summary>
    public const int MagicOffset = 8;
    private const uint FileMagic = 0x4C544C53;
    private const uint Version = 1;

    public static void WriteFileHeader(Span<byte> header, ulong firstSequence)
    {
        header[..FileHeaderLength].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], FileMagic);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], Version);
        BinaryPrimitives.WriteUInt64LittleEndian(header[16..], firstSequence);
        BinaryPrimitives.WriteUInt64LittleEndian(header, XxHash3.HashToUInt64(header[8..FileHeaderLength]));
    }

    public static bool TryReadFileHeader(ReadOnlySpan<byte> header, out ulong firstSequence)
    {
        firstSequence = 0;
        if (header.Length < FileHeaderLength
            || BinaryPrimitives.ReadUInt64LittleEndian(header) != XxHash3.HashToUInt64(header[8..FileHeaderLength])
            || BinaryPrimitives.ReadUInt32LittleEndian(header[8..]) != FileMagic
            || BinaryPrimitives.ReadUInt32LittleEndian(header[12..]) != Version)
        {
            return false;
        }

        firstSequence = BinaryPrimitives.ReadUInt64LittleEndian(header[16..]);
        return firstSequence > 0;
    }

    /// <summary>Fills the header before an envelope that stands behind it already.</summary>
    public static void SealFrame(Span<byte> headerAndEnvelope, int payloadLength)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(headerAndEnvelope[8..], FrameMagic);
        BinaryPrimitives.WriteInt32LittleEndian(headerAndEnvelope[12..], headerAndEnvelope.Length - FrameHeaderLength);
        BinaryPrimitives.WriteInt32LittleEndian(headerAndEnvelope[16..], payloadLength);
        BinaryPrimitives.WriteUInt64LittleEndian(headerAndEnvelope, XxHash3.HashToUInt64(headerAndEnvelope[8..]));
    }

    /// <summary>Reads the lengths; they are to be believed only after <see cref="IsSealed"/>.</summary>
    public static bool TryReadFrameHeader(ReadOnlySpan<byte> header, out int envelopeLength, out int payloadLength)
    {
        envelopeLength = BinaryPrimitives.ReadInt32LittleEndian(header[12..]);
        payloadLength = BinaryPrimitives.ReadInt32LittleEndian(header[16..]);
        return BinaryPrimitives.ReadUInt32LittleEndian(header[8..]) == FrameMagic
            && envelopeLength is > 0 and <= MaxEnvelopeLength && payloadLength >= 0;
    }

    public static bool IsSealed(ReadOnlySpan<byte> headerAndEnvelope) =>
        BinaryPrimitives.ReadUInt64LittleEndian(headerAndEnvelope) == XxHash3.HashToUInt64(headerAndEnvelope[8..]);
}
