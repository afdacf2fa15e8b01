namespace StellaOps.Telemetry.Profiles.Gateway;

/// <summary>What the gateway renders from a profile: immutable, swapped whole.</summary>
/// <param name="ProfileHash">Lower-case hex of the SHA-256 of the resolved profile (profile and redaction policy).</param>
public sealed record GatewaySettings(
    string ProfileName,
    string ProfileHash,
    string RedactionPolicy,
    Durability Durability,
    IngestSettings Ingest,
    RecorderSettings Recorder,
    SamplingSettings Sampling,
    IReadOnlyList<ExporterSettings> Exporters);

/// <summary>What must have happened to a batch before it is acknowledged.</summary>
public enum Durability
{
    /// <summary>Written: survives the death of the process.</summary>
    Write,

    /// <summary>Group-committed with fdatasync: survives the death of the machine.</summary>
    Fsync,
}

/// <summary>Limits of a request.</summary>
/// <param name="MaxRequestBytes">As sent, before decompression.</param>
/// <param name="MaxDecompressedBytes">After decompression.</param>
/// <param name="MaxDepth">Nesting of arrays and maps in a value.</param>
public sealed record IngestSettings(int MaxRequestBytes, int MaxDecompressedBytes, int MaxDepth, int MaxRecordsPerRequest);

/// <summary>The flight recorder: how far back the log keeps everything.</summary>
/// <param name="MaxAge">Older files are reused once every exporter and the sampler have passed them.</param>
/// <param name="MaxBytes">The log never grows above it; what does not fit is refused.</param>
/// <param name="FileBytes">Size of one preallocated file.</param>
/// <param name="TenantShare">The largest share of <paramref name="MaxBytes"/> that one tenant's records may hold, above 0 and at most 1.</param>
public sealed record RecorderSettings(TimeSpan MaxAge, long MaxBytes, int FileBytes, double TenantShare);

/// <summary>Tail sampling.</summary>
/// <param name="DecisionWait">From the first span of a trace to its decision.</param>
/// <param name="NumTraces">The most undecided traces held; the oldest is decided early when it is exceeded.</param>
public sealed record SamplingSettings(TimeSpan DecisionWait, int NumTraces, IReadOnlyList<SamplingPolicy> Policies)
{
    /// <summary>What has to be spelled to switch tail sampling off.</summary>
    public const string NoSampling = "none";

    /// <summary><c>sampling: none</c>: every batch is kept whole at once, and bears no stamp.</summary>
    public static SamplingSettings Off { get; } = new(TimeSpan.Zero, 1, []) { IsOff = true };

    /// <summary>Whether there is no tail sampling at all.</summary>
    public bool IsOff { get; private init; }
}

/// <summary>One policy, in the words of the Collector's tail_sampling processor. A trace is kept when any policy keeps it; the first names the stamp.</summary>
public abstract record SamplingPolicy(string Name);

/// <summary><c>always_sample</c>.</summary>
public sealed record AlwaysSamplePolicy(string Name) : SamplingPolicy(Name);

/// <summary><c>status_code</c>: a span of the trace has one of these OTLP status codes (1 OK, 2 ERROR, 0 UNSET).</summary>
public sealed record StatusCodePolicy(string Name, IReadOnlyList<int> StatusCodes) : SamplingPolicy(Name);

/// <summary><c>latency</c>: from the earliest start to the latest end of the trace's spans.</summary>
public sealed record LatencyPolicy(string Name, TimeSpan Threshold) : SamplingPolicy(Name);

/// <summary><c>probabilistic</c>: by a hash of the trace id, so that every gateway decides alike.</summary>
public sealed record ProbabilisticPolicy(string Name, double SamplingPercentage) : SamplingPolicy(Name);

/// <summary>Where kept records go.</summary>
public abstract record ExporterSettings(string Name);

/// <summary>The archive: a segment is closed at this size of content or age, whichever comes first.</summary>
public sealed record ArchiveExporterSettings(string Name, long MaxSegmentBytes, TimeSpan MaxSegmentAge) : ExporterSettings(Name);

/// <summary>Protocols of OTLP.</summary>
public enum OtlpProtocol
{
    Grpc,
    HttpProtobuf,
}

/// <summary>An OTLP store. <paramref name="TenantHeader"/> (default <c>X-Scope-OrgID</c>) carries the tenant; null sends none.</summary>
public sealed record OtlpExporterSettings(
    string Name,
    Uri Endpoint,
    OtlpProtocol Protocol,
    IReadOnlyDictionary<string, string> Headers,
    string? TenantHeader,
    TimeSpan Timeout,
    TimeSpan MaxElapsed) : ExporterSettings(Name);
