using StellaOps.Telemetry.Profiles.Gateway;
using static StellaOps.Telemetry.Profiles.Hashing.CanonicalMap;

namespace StellaOps.Telemetry.Profiles.Hashing;

/// <summary>The canonical form of an exporter's settings. Of a secret it holds the file's name alone.</summary>
internal static class ExporterHash
{
    public static SortedDictionary<string, object?> Of(ExporterSettings exporter) => exporter switch
    {
        ArchiveExporterSettings e => CanonicalMap.Of(("maxSegmentAge", e.MaxSegmentAge), ("maxSegmentBytes", e.MaxSegmentBytes), ("name", e.Name), ("type", "archive")),
        DebugExporterSettings e => CanonicalMap.Of(("maxRecords", e.MaxRecords), ("name", e.Name), ("type", "debug"), ("verbosity", e.IsDetailed ? "detailed" : "basic")),
        OtlpExporterSettings e => CanonicalMap.Of(
            ("breakerFailures", e.BreakerFailures), ("compression", Name(e.Compression)), ("consumers", e.Consumers), ("endpoint", e.Endpoint.ToString()),
            ("headerFiles", CanonicalMap.Of([.. e.HeaderFiles.Select(h => (h.Key, (object?)h.Value))])), ("headers", CanonicalMap.Of([.. e.Headers.Select(h => (h.Key, (object?)h.Value))])),
            ("maxElapsed", e.MaxElapsed), ("maxRequestBytes", e.MaxRequestBytes), ("name", e.Name), ("protocol", Name(e.Protocol)),
            ("retry", CanonicalMap.Of(("initialInterval", e.Retry.InitialInterval), ("maxInterval", e.Retry.MaxInterval))), ("tenantHeader", e.TenantHeader), ("timeout", e.Timeout),
            ("tls", CanonicalMap.Of(("caFile", e.Tls.CaFile), ("certFile", e.Tls.CertFile), ("keyFile", e.Tls.KeyFile), ("serverNameOverride", e.Tls.ServerNameOverride))), ("type", "otlp")),
        _ => throw new ArgumentException($"exporter type {exporter.GetType().Name} has no canonical form", nameof(exporter)),
    };
}
