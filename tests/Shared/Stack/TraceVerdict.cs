namespace StellaOps.Telemetry.Tests.Shared.Stack;

/// <summary>What a gateway says of a trace.</summary>
/// <param name="Decision"><c>kept</c>, <c>sampled_out</c>, <c>undecided</c> or <c>unknown</c>.</param>
public sealed record TraceVerdict(string Decision, string? Policy)
{
    /// <summary>Whether it is decided at all.</summary>
    public bool IsDecided => Decision is "kept" or "sampled_out";

    /// <summary>Whether it is kept.</summary>
    public bool IsKept => Decision == "kept";
}
