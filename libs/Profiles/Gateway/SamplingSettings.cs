namespace StellaOps.Telemetry.Profiles.Gateway;

/// <summary>Tail sampling.</summary>
/// <param name="DecisionWait">From the first span of a trace to its decision.</param>
/// <param name="NumTraces">The most undecided traces held; the oldest is decided early when it is exceeded.</param>
public sealed record SamplingSettings(TimeSpan DecisionWait, int NumTraces, IReadOnlyList<SamplingPolicy> Policies)
{
    /// <summary>What has to be spelled to switch tail sampling off.</summary>
    public const string NoSampling = "none";

    /// <summary>Unless the profile says otherwise, a decision is remembered for at least so many traces.</summary>
    public const int MinCachedDecisions = 65_536;

    private int? _sampledCacheSize;
    private int? _nonSampledCacheSize;

    /// <summary><c>sampling: none</c>: every batch is kept whole at once, and bears no stamp.</summary>
    public static SamplingSettings Off { get; } = new(TimeSpan.Zero, 1, []) { IsOff = true };

    /// <summary>Whether there is no tail sampling at all.</summary>
    public bool IsOff { get; private init; }

    /// <summary>The most bytes that the sampler's state of undecided traces may take; the oldest is decided early when it is exceeded.</summary>
    public long MaxBytes { get; init; } = 128L << 20;

    /// <summary>Traces whose decision to keep is remembered for late spans; 0 for none.</summary>
    public int SampledCacheSize
    {
        get => _sampledCacheSize ?? Math.Max(MinCachedDecisions, NumTraces);
        init => _sampledCacheSize = value;
    }

    /// <summary>Traces whose decision not to keep is remembered for late spans; 0 for none.</summary>
    public int NonSampledCacheSize
    {
        get => _nonSampledCacheSize ?? Math.Max(MinCachedDecisions, NumTraces);
        init => _nonSampledCacheSize = value;
    }

    /// <summary>What becomes of logs.</summary>
    public LogSampling Logs { get; init; } = LogSampling.All;

    /// <summary>What SDKs begin, ahead of the tail.</summary>
    public HeadSamplingSettings Head { get; init; } = HeadSamplingSettings.All;
}

/// <summary>Sampling of logs, for profiles that ask for it.</summary>
/// <param name="WithTrace">A log record shares the fate of a kept trace; others are kept at the percentage. False: all logs are kept.</param>
/// <param name="Percentage">The share of the other log records that is kept, 0 to 100.</param>
public sealed record LogSampling(bool WithTrace, double Percentage)
{
    /// <summary>What stamps call it.</summary>
    public const string PolicyName = "logs";

    /// <summary>All logs are kept.</summary>
    public static LogSampling All { get; } = new(false, 100);
}
