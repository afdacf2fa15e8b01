using StellaOps.Telemetry.Profiles.Model;

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
    IReadOnlyList<ExporterSettings> Exporters)
{
    /// <summary>Where connections may go; by default everywhere.</summary>
    public SealedProfile Sealed { get; init; } = new(false, []);
}

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
public sealed record IngestSettings(int MaxRequestBytes, int MaxDecompressedBytes, int MaxDepth, int MaxRecordsPerRequest)
{
    /// <summary>How much a tenant may send in a second.</summary>
    public QuotaSettings Quotas { get; init; } = QuotaSettings.None;
}

/// <summary>Quotas of tenants.</summary>
/// <param name="Default">Of every tenant that has none of its own.</param>
/// <param name="Tenants">By the tenant's name.</param>
public sealed record QuotaSettings(TenantQuota Default, IReadOnlyDictionary<string, TenantQuota> Tenants)
{
    /// <summary>No tenant is bounded.</summary>
    public static QuotaSettings None { get; } = new(TenantQuota.Unbounded, new Dictionary<string, TenantQuota>());
}

/// <summary>How much one tenant may send; null bounds nothing.</summary>
/// <param name="RecordsPerSecond">Spans, log records and data points.</param>
/// <param name="BytesPerSecond">Bytes of requests as protobuf, uncompressed.</param>
/// <param name="Burst">How long a tenant that was silent may send at twice the rate.</param>
public sealed record TenantQuota(long? RecordsPerSecond, long? BytesPerSecond, TimeSpan Burst)
{
    /// <summary>Burst where a profile names none.</summary>
    public static readonly TimeSpan DefaultBurst = TimeSpan.FromSeconds(5);

    /// <summary>Bounds nothing.</summary>
    public static TenantQuota Unbounded { get; } = new(null, null, DefaultBurst);
}

/// <summary>The flight recorder: how far back the log keeps everything.</summary>
/// <param name="MaxAge">Older files are reused once every exporter and the sampler have passed them.</param>
/// <param name="MaxBytes">The log never grows above it; what does not fit is refused.</param>
/// <param name="FileBytes">Size of one preallocated file.</param>
/// <param name="SpillBytes">What a lagging exporter needs of files that are to be reused is copied aside, up to this; above it the log waits, and refuses when it is full.</param>
/// <param name="TenantShare">The largest share of <paramref name="MaxBytes"/> that one tenant's records may hold, above 0 and at most 1.</param>
public sealed record RecorderSettings(TimeSpan MaxAge, long MaxBytes, int FileBytes, double TenantShare, long SpillBytes = RecorderSettings.DefaultSpillBytes)
{
    /// <summary>Four GiB.</summary>
    public const long DefaultSpillBytes = 4L << 30;
}
