namespace StellaOps.Telemetry.Profiles.Gateway;

/// <summary>Protocols of OTLP.</summary>
public enum OtlpProtocol
{
    Grpc,
    HttpProtobuf,
}

/// <summary>How a request is compressed.</summary>
public enum OtlpCompression
{
    None,
    Gzip,
    Zstd,
}

/// <summary>An OTLP store. <paramref name="TenantHeader"/> (default <c>X-Scope-OrgID</c>) carries the tenant; null sends none.</summary>
/// <param name="Headers">Sent as they stand. What is secret stands in <see cref="HeaderFiles"/>.</param>
/// <param name="Timeout">Of one attempt.</param>
/// <param name="MaxElapsed">Records that cannot be delivered within this time of their acceptance become dead letters.</param>
public sealed record OtlpExporterSettings(
    string Name,
    Uri Endpoint,
    OtlpProtocol Protocol,
    IReadOnlyDictionary<string, string> Headers,
    string? TenantHeader,
    TimeSpan Timeout,
    TimeSpan MaxElapsed) : ExporterSettings(Name)
{
    /// <summary>Headers whose values are the content of files, read again when it changes.</summary>
    public IReadOnlyDictionary<string, string> HeaderFiles { get; init; } = TextMap.Empty;

    /// <summary>How requests are compressed.</summary>
    public OtlpCompression Compression { get; init; }

    /// <summary>What an https endpoint is met with.</summary>
    public TlsClientSettings Tls { get; init; } = new(null, null, null, null);

    /// <summary>Requests on their way at once.</summary>
    public int Consumers { get; init; } = 4;

    /// <summary>Batches are joined up to this; one that is longer goes alone.</summary>
    public int MaxRequestBytes { get; init; } = 1 << 20;

    /// <summary>Pauses between attempts.</summary>
    public RetrySettings Retry { get; init; } = new(TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(10));

    /// <summary>After so many failures in a row one request at a time is tried, and others wait.</summary>
    public int BreakerFailures { get; init; } = 5;
}

/// <summary>Files in PEM, read again when they change. Null: the system's authorities, no certificate of our own, the endpoint's name.</summary>
public sealed record TlsClientSettings(string? CaFile, string? CertFile, string? KeyFile, string? ServerNameOverride)
{
    /// <summary>Whether anything is asked for.</summary>
    public bool IsSet => CaFile is not null || CertFile is not null || KeyFile is not null || ServerNameOverride is not null;
}

/// <summary>Exponential, with jitter, from the first interval to the longest.</summary>
public sealed record RetrySettings(TimeSpan InitialInterval, TimeSpan MaxInterval);
