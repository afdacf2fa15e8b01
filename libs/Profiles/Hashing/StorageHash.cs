using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.Profiles.Hashing;

/// <summary>The canonical form of stores and edge Collectors. Of a secret it holds the file's name alone.</summary>
internal static class StorageHash
{
    public static SortedDictionary<string, object?> Of(StorageProfile storage) => CanonicalMap.Of(
        ("alertmanager", CanonicalMap.Of(("webhook", storage.Alertmanager.Webhook?.ToString()), ("webhookTokenFile", storage.Alertmanager.WebhookTokenFile))),
        ("loki", CanonicalMap.Of(
            ("retention", storage.Loki.Retention),
            ("tenants", Tenants(storage.Loki.Tenants, t => CanonicalMap.Of(("ingestionRate", t.IngestionRate), ("retention", t.Retention)))))),
        ("prometheus", CanonicalMap.Of(
            ("frontDoor", storage.Prometheus.FrontDoor), ("maxBytes", storage.Prometheus.MaxBytes), ("retention", storage.Prometheus.Retention), ("url", storage.Prometheus.Url?.ToString()))),
        ("tempo", CanonicalMap.Of(
            ("retention", storage.Tempo.Retention),
            ("tenants", Tenants(storage.Tempo.Tenants, t => CanonicalMap.Of(("maxTraces", t.MaxTraces), ("retention", t.Retention)))))));

    public static SortedDictionary<string, object?> Of(EdgeProfile edge) => CanonicalMap.Of(
        ("caFile", edge.CaFile), ("certFile", edge.CertFile), ("gateway", edge.Gateway.ToString()), ("keyFile", edge.KeyFile), ("memoryLimit", edge.MemoryLimit),
        ("queueBytes", edge.QueueBytes), ("storagePath", edge.StoragePath)).AddUnless(edge.Processors.SequenceEqual(EdgeProfile.AllProcessors), "processors", edge.Processors);

    private static SortedDictionary<string, object?> Tenants<T>(IReadOnlyDictionary<string, T> tenants, Func<T, object?> of) =>
        CanonicalMap.Of([.. tenants.Select(t => (t.Key, of(t.Value)))]);
}
