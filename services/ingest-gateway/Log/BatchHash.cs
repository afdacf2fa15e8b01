using System.IO.Hashing;
using System.Text;
using StellaOps.Telemetry.Archive;

namespace StellaOps.Telemetry.IngestGateway.Log;

/// <summary>XXH128 of a batch's payload, seeded by XXH3 of its replay mark (0 without one).</summary>
internal static class BatchHash
{
    public static void Compute(string? replayMark, ReadOnlySpan<byte> payload, Span<byte> hash)
    {
        var seed = replayMark is null ? 0 : unchecked((long)XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(replayMark)));
        XxHash128.Hash(payload, hash[..Envelope.BatchHashLength], seed);
    }

    public static bool Matches(Envelope envelope, ReadOnlySpan<byte> payload)
    {
        Span<byte> hash = stackalloc byte[Envelope.BatchHashLength];
        Compute(envelope.ReplayMark, payload, hash);
        return envelope.BatchHash.Span.SequenceEqual(hash);
    }
}
