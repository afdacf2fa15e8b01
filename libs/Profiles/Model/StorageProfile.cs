namespace StellaOps.Telemetry.Profiles.Model;

/// <summary>The stores behind the gateway, as <c>spec.storage</c> has them: how long each keeps what it gets, and for whom.</summary>
public sealed record StorageProfile(PrometheusStorage Prometheus, LokiStorage Loki, TempoStorage Tempo, AlertmanagerStorage Alertmanager)
{
    /// <summary>What a profile without <c>spec.storage</c> comes to.</summary>
    public static StorageProfile Default { get; } = new(PrometheusStorage.Default, LokiStorage.Default, TempoStorage.Default, AlertmanagerStorage.Default);
}

/// <summary>Prometheus: metrics.</summary>
/// <param name="Retention">Older blocks are deleted.</param>
/// <param name="MaxBytes">The oldest blocks are deleted above it, whatever their age.</param>
/// <param name="FrontDoor">Queries pass a front door that adds the caller's tenant to each: Prometheus itself does not tell tenants apart.</param>
/// <param name="Url">Where it listens; null where the profile need not know.</param>
public sealed record PrometheusStorage(TimeSpan Retention, long MaxBytes, bool FrontDoor, Uri? Url)
{
    /// <summary>Fifteen days within 50 GiB.</summary>
    public static PrometheusStorage Default { get; } = new(TimeSpan.FromDays(15), 50L << 30, false, null);
}

/// <summary>Loki: logs.</summary>
/// <param name="Retention">Of every tenant that has none of its own.</param>
/// <param name="Tenants">By the tenant's name, ordinal.</param>
public sealed record LokiStorage(TimeSpan Retention, IReadOnlyDictionary<string, LokiTenant> Tenants)
{
    /// <summary>Fourteen days for everybody.</summary>
    public static LokiStorage Default { get; } = new(TimeSpan.FromDays(14), new SortedDictionary<string, LokiTenant>(StringComparer.Ordinal));
}

/// <summary>What one tenant gets of Loki.</summary>
/// <param name="Retention">Null: that of everybody.</param>
/// <param name="IngestionRate">Bytes in a second; null: Loki's own limit.</param>
public sealed record LokiTenant(TimeSpan? Retention, long? IngestionRate);

/// <summary>Tempo: traces.</summary>
/// <param name="Retention">Of every tenant that has none of its own.</param>
/// <param name="Tenants">By the tenant's name, ordinal.</param>
public sealed record TempoStorage(TimeSpan Retention, IReadOnlyDictionary<string, TempoTenant> Tenants)
{
    /// <summary>Fourteen days for everybody.</summary>
    public static TempoStorage Default { get; } = new(TimeSpan.FromDays(14), new SortedDictionary<string, TempoTenant>(StringComparer.Ordinal));
}

/// <summary>What one tenant gets of Tempo.</summary>
/// <param name="Retention">Null: that of everybody.</param>
/// <param name="MaxTraces">Traces that are being written at once; null: Tempo's own limit.</param>
public sealed record TempoTenant(TimeSpan? Retention, int? MaxTraces);

/// <summary>Alertmanager: who is told.</summary>
/// <param name="Webhook">The incident service's hook; null where alerts go nowhere.</param>
/// <param name="WebhookTokenFile">Absolute path, on Alertmanager's machine, of the bearer token that it shows there; null without one.</param>
public sealed record AlertmanagerStorage(Uri? Webhook, string? WebhookTokenFile)
{
    /// <summary>Nobody.</summary>
    public static AlertmanagerStorage Default { get; } = new(null, null);
}
