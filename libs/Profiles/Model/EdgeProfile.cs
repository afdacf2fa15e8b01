namespace StellaOps.Telemetry.Profiles.Model;

/// <summary>The OpenTelemetry Collectors upstream of the gateway, as <c>spec.edge</c> has them. Each serves one tenant, that of its client certificate.</summary>
/// <param name="Gateway">Where they send, https: OTLP/gRPC.</param>
/// <param name="CertFile">The Collector's certificate. This and the other paths are absolute, on the Collector's machine.</param>
/// <param name="KeyFile">The key of the certificate.</param>
/// <param name="CaFile">Authorities of the gateway's certificate.</param>
/// <param name="MemoryLimit">Bytes; above it the Collector refuses, and senders try again.</param>
/// <param name="QueueBytes">The most that waits on the Collector's disk for the gateway.</param>
/// <param name="StoragePath">Folder of the queue.</param>
public sealed record EdgeProfile(Uri Gateway, string CertFile, string KeyFile, string CaFile, long MemoryLimit, long QueueBytes, string StoragePath)
{
    /// <summary>Refuses before memory runs out; has to be the first.</summary>
    public const string MemoryLimiter = "memory_limiter";

    /// <summary>Adds what the machine knows of itself.</summary>
    public const string ResourceDetection = "resourcedetection";

    /// <summary>Removes personal data; has to be the last, so that nothing reaches the queue's disk that it did not see.</summary>
    public const string Redaction = "redaction";

    /// <summary>All that there are, in the order of the default.</summary>
    public static IReadOnlyList<string> AllProcessors { get; } = [MemoryLimiter, ResourceDetection, Redaction];

    /// <summary>The Collector's processors before the queue, in their order.</summary>
    public IReadOnlyList<string> Processors { get; init; } = AllProcessors;
}
