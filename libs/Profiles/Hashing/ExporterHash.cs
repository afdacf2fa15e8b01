using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.Profiles.Hashing;

/// <summary>The canonical form of an exporter's settings. Of a secret it holds the file's name alone.</summary>
internal static class ExporterHash
{
    public static SortedDictionary<string, object?> Of(ExporterSettings exporter) => exporter switch
    {
        ArchiveExporterSettings e => Map(("maxSegmentAge", e.MaxSegmentAge), ("maxSegmentBytes", e.MaxSegmentBytes), ("name", e.Name), ("type", "archive")),
        DebugExporterSettings e => Map(("maxRecords", e.MaxRecords), ("name", e.Name), ("type", "debug"), ("verbosity", e.IsDetailed ? "detailed" : "basic")),
        OtlpExporterSettings e => Map(
            ("breakerFailures", e.BreakerFailures), ("compression", Name(e.Compression)), ("consumers", e.Consumers), ("endpoint", e.Endpoint.ToString()),
            ("headerFiles", Map([.. e.HeaderFiles.Select(h => (h.Key, (object?)h.Value))])), ("headers", Map([.. e.Headers.Select(h => (h.Key, (object?)h.Value))])),
            ("maxElapsed", e.MaxElapsed), ("maxRequestBytes", e.MaxRequestBytes), ("name", e.Name), ("protocol", Name(e.Protocol)),
            ("retry", Map(("initialInterval", e.Retry.InitialInterval), ("maxInterval", e.Retry.MaxInterval))), ("tenantHeader", e.TenantHeader), ("timeout", e.Timeout),
            ("tls", Map(("caFile", e.Tls.CaFile), ("certFile", e.Tls.CertFile), ("keyFile", e.Tls.KeyFile), ("serverNameOverride", e.Tls.ServerNameOverride))), ("type", "otlp")),
        _ => throw new ArgumentException($"exporter type {exporter.GetType().Name} has no canonical form", nameof(exporter)),
    };

    private static SortedDictionary<string, object?> Map(params ReadOnlySpan<(string Key, object? Value)> entries)
    {
        var map = new SortedDictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (key, value) in entries)
        {
            map.Add(key, value);
        }

        return map;
    }

    private static string Name<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
