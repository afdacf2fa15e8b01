using StellaOps.Telemetry.Otlp.Schema;

namespace StellaOps.Telemetry.Otlp;

/// <summary>
/// Checks a request before anything else looks at it: every known field is well-formed down to the last nested value, strings are
/// UTF-8 (https://protobuf.dev/programming-guides/proto3/#scalar; a strict store would refuse the whole request otherwise), ids have
/// their length, nesting and record count are bounded, and nothing is there that readers would merge differently
/// (<see cref="RecordReader"/>). Unknown fields pass if they are protobuf fields. One pass, no allocation, recursion bounded by
/// <see cref="OtlpLimits.MaxDepth"/>.
/// </summary>
public static class OtlpRequestValidator
{
    /// <summary>Checks, and counts the records seen until the outcome was known.</summary>
    public static OtlpOutcome Validate(OtlpSignal signal, ReadOnlySpan<byte> request, OtlpLimits limits, out int recordCount)
    {
        var walk = new RequestWalk(limits);
        var root = OtlpSchema.RequestOf(signal);
        var outcome = root == OtlpMessage.None ? OtlpOutcome.Malformed : walk.Check(root, request, depth: 1, valueDepth: 0);
        recordCount = walk.Records;
        return outcome;
    }
}
