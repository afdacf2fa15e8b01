namespace StellaOps.Telemetry.IngestGateway.Sampling.Policies;

/// <summary>All that policies are told of a trace.</summary>
internal readonly ref struct TraceFacts
{
    public required UInt128 TraceId { get; init; }

    /// <summary>Bit n: a span has status code n.</summary>
    public required uint StatusCodes { get; init; }

    /// <summary>Earliest start to latest end, in whole milliseconds; 0 where the senders' clocks disagree.</summary>
    public required long DurationMilliseconds { get; init; }

    public required int SpanCount { get; init; }

    /// <summary>Bit n: condition n of the policy set was met by a span or a resource.</summary>
    public required ReadOnlySpan<ulong> Matches { get; init; }

    /// <summary>The second, by the gateway's clock, in which the trace is decided.</summary>
    public required long Second { get; init; }
}
