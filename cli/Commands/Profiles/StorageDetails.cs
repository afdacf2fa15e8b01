using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.Cli.Commands.Profiles;

/// <summary>The stores of a profile.</summary>
internal sealed record StorageDetails(
    string PrometheusRetention,
    long PrometheusMaxBytes,
    bool FrontDoor,
    string LokiRetention,
    IReadOnlyDictionary<string, string> LokiTenants,
    string TempoRetention,
    IReadOnlyDictionary<string, string> TempoTenants,
    string? Webhook)
{
    public static StorageDetails Of(StorageProfile storage) => new(
        ProfileWords.Duration(storage.Prometheus.Retention),
        storage.Prometheus.MaxBytes,
        storage.Prometheus.FrontDoor,
        ProfileWords.Duration(storage.Loki.Retention),
        storage.Loki.Tenants.ToDictionary(t => t.Key, t => Words(t.Value.Retention, t.Value.IngestionRate is { } rate ? $"{ProfileWords.Size(rate)}/s" : null), StringComparer.Ordinal),
        ProfileWords.Duration(storage.Tempo.Retention),
        storage.Tempo.Tenants.ToDictionary(t => t.Key, t => Words(t.Value.Retention, t.Value.MaxTraces is { } traces ? $"{traces} traces" : null), StringComparer.Ordinal),
        storage.Alertmanager.Webhook?.ToString());

    private static string Words(TimeSpan? retention, string? limit) =>
        string.Join(", ", new[] { retention is { } keep ? ProfileWords.Duration(keep) : null, limit }.OfType<string>());
}

/// <summary>The edge Collectors of a profile.</summary>
internal sealed record EdgeDetails(string Gateway, IReadOnlyList<string> Processors, long MemoryLimit, long QueueBytes, string StoragePath)
{
    public static EdgeDetails Of(EdgeProfile edge) => new(edge.Gateway.ToString(), edge.Processors, edge.MemoryLimit, edge.QueueBytes, edge.StoragePath);
}
