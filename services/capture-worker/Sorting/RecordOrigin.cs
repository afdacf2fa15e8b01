using System.Buffers.Binary;

namespace StellaOps.Telemetry.CaptureWorker.Sorting;

/// <summary>Where a record was logged.</summary>
/// <param name="BatchHash">Of the batch as it was logged: a sender's repetition has the same.</param>
/// <param name="Index">Which record of the batch.</param>
/// <param name="Gateway">Which gateway, as a number of this job.</param>
/// <param name="Sequence">At which place of its log.</param>
internal readonly record struct RecordOrigin(UInt128 BatchHash, int Index, long AcceptedAt, int Gateway, ulong Sequence)
{
    /// <summary>Bytes that <see cref="Write"/> needs.</summary>
    public const int Length = 16 + 4 + 8 + 4 + 8;

    public static RecordOrigin Read(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadUInt128BigEndian(source),
        BinaryPrimitives.ReadInt32BigEndian(source[16..]),
        BinaryPrimitives.ReadInt64BigEndian(source[20..]),
        BinaryPrimitives.ReadInt32BigEndian(source[28..]),
        BinaryPrimitives.ReadUInt64BigEndian(source[32..]));

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt128BigEndian(target, BatchHash);
        BinaryPrimitives.WriteInt32BigEndian(target[16..], Index);
        BinaryPrimitives.WriteInt64BigEndian(target[20..], AcceptedAt);
        BinaryPrimitives.WriteInt32BigEndian(target[28..], Gateway);
        BinaryPrimitives.WriteUInt64BigEndian(target[32..], Sequence);
    }
}
