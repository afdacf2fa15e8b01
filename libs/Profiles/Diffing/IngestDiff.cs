using StellaOps.Telemetry.Profiles.Gateway;
using StellaOps.Telemetry.Profiles.Model;
using StellaOps.Telemetry.Profiles.Validation;

namespace StellaOps.Telemetry.Profiles.Diffing;

/// <summary><c>spec.ingest</c>: who may send from where, and how much.</summary>
internal static class IngestDiff
{
    private const string Path = "spec.ingest";

    public static void Add(ChangeList changes, IngestProfile was, IngestProfile now)
    {
        Listener(changes, "grpc", was.GrpcUrl, now.GrpcUrl);
        Listener(changes, "http", was.HttpUrl, now.HttpUrl);
        Tls(changes, was.Tls, now.Tls);
        changes.Limit<long>(Path + ".limits.max_request", "max_request", was.Limits.MaxRequestBytes, now.Limits.MaxRequestBytes, Words.Size);
        changes.Limit<long>(Path + ".limits.max_decompressed", "max_decompressed", was.Limits.MaxDecompressedBytes, now.Limits.MaxDecompressedBytes, Words.Size);
        changes.Limit<long>(Path + ".limits.max_depth", "max_depth", was.Limits.MaxDepth, now.Limits.MaxDepth, Words.Number);
        changes.Limit<long>(Path + ".limits.max_records", "max_records", was.Limits.MaxRecordsPerRequest, now.Limits.MaxRecordsPerRequest, Words.Number);
        Quotas(changes, was.Limits.Quotas, now.Limits.Quotas);
    }

    private static void Listener(ChangeList changes, string name, Uri was, Uri now)
    {
        var risk = (ListenerRules.IsLoopback(now), now.Host == was.Host) switch
        {
            (false, false) => ChangeRisk.OpensListener,
            _ when was.Scheme == Uri.UriSchemeHttps && now.Scheme == Uri.UriSchemeHttp && !ListenerRules.IsLoopback(now) => ChangeRisk.WeakensTransport,
            _ => ChangeRisk.Harmless,
        };
        changes.Value($"{Path}.listeners.{name}", $"listener {name}", Words.Of(was), Words.Of(now), risk);
    }

    private static void Tls(ChangeList changes, IngestTlsProfile? was, IngestTlsProfile? now)
    {
        if (was is null || now is null)
        {
            changes.Value(Path + ".tls", "TLS of the listeners", was?.CertFile, now?.CertFile, was is null ? ChangeRisk.Harmless : ChangeRisk.WeakensTransport);
            return;
        }

        changes.Value(Path + ".tls.cert_file", "cert_file", was.CertFile, now.CertFile, ChangeRisk.Harmless);
        changes.Value(Path + ".tls.key_file", "key_file", was.KeyFile, now.KeyFile, ChangeRisk.Harmless);
        changes.Value(Path + ".tls.client_ca_file", "authorities of senders", was.ClientCaFile, now.ClientCaFile, ChangeRisk.ChangesTrust);
        changes.Value(Path + ".tls.trust_domain", "trust domain of senders", was.TrustDomain, now.TrustDomain, ChangeRisk.ChangesTrust);
        changes.Value(
            Path + ".tls.client_auth", "client_auth", Words.Name(was.ClientAuth), Words.Name(now.ClientAuth),
            now.ClientAuth < was.ClientAuth ? ChangeRisk.WeakensTransport : ChangeRisk.Harmless);
        changes.Value(
            Path + ".tls.min_version", "lowest version of TLS", Version(was.MinVersion), Version(now.MinVersion),
            now.MinVersion < was.MinVersion ? ChangeRisk.WeakensTransport : ChangeRisk.Harmless);
    }

    private static void Quotas(ChangeList changes, QuotaSettings was, QuotaSettings now)
    {
        Quota(changes, Path + ".quotas", "quota", was.Default, now.Default);
        foreach (var tenant in was.Tenants.Keys.Union(now.Tenants.Keys).Order(StringComparer.Ordinal))
        {
            // A tenant without a quota of its own has the default one.
            Quota(
                changes, $"{Path}.quotas.tenants.{tenant}", $"quota of tenant '{tenant}'",
                was.Tenants.GetValueOrDefault(tenant, was.Default), now.Tenants.GetValueOrDefault(tenant, now.Default));
        }
    }

    private static void Quota(ChangeList changes, string path, string what, TenantQuota was, TenantQuota now)
    {
        changes.Limit(path + ".records_per_second", what + ": records in a second", was.RecordsPerSecond, now.RecordsPerSecond, Words.Number);
        changes.Limit(path + ".bytes_per_second", what + ": bytes in a second", was.BytesPerSecond, now.BytesPerSecond, Words.Size);
        changes.Limit<TimeSpan>(path + ".burst", what + ": burst", was.Burst, now.Burst, Words.Of);
    }

    private static string Version(TlsVersion version) => version == TlsVersion.Tls13 ? "1.3" : "1.2";
}
