using System.Text.RegularExpressions;
using StellaOps.Telemetry.Profiles.Gateway;
using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.Profiles.Loading;

/// <summary><c>spec.ingest</c>.</summary>
internal static partial class IngestReader
{
    private const string SizeForm = "a size such as 64MiB or 1GiB";
    private const string FileForm = "the name of a PEM file, absolute or beside the profile";

    public static IngestProfile Read(YamlSection ingest)
    {
        var listeners = ingest.Section("listeners");
        var result = new IngestProfile(
            listeners.Read("grpc", Scalars.HttpUrl, "a URL such as http://127.0.0.1:4317", new Uri("http://127.0.0.1:4317")),
            listeners.Read("http", Scalars.HttpUrl, "a URL such as http://127.0.0.1:4318", new Uri("http://127.0.0.1:4318")),
            Limits(ingest.Section("limits")) with { Quotas = Quotas(ingest.Section("quotas")) },
            ingest.Find("tls") is null ? null : Tls(ingest.Section("tls")));
        listeners.Done();
        ingest.Done();
        return result;
    }

    private static IngestSettings Limits(YamlSection limits)
    {
        var result = new IngestSettings(
            limits.Read("max_request", Scalars.SmallSize, SizeForm + ", at most 1GiB", 16 << 20),
            limits.Read("max_decompressed", Scalars.SmallSize, SizeForm + ", at most 1GiB", 64 << 20),
            limits.Read("max_depth", Scalars.Count, "a whole number above 0", 32),
            limits.Read("max_records", Scalars.Count, "a whole number above 0", 100_000));
        if (result.MaxDecompressedBytes < result.MaxRequestBytes)
        {
            limits.Conflict("max_decompressed", $"{result.MaxDecompressedBytes} bytes is below max_request, {result.MaxRequestBytes}", "raise it, or lower max_request: an uncompressed request has to pass both");
        }

        if (result.MaxDepth > 100)
        {
            limits.Fault("max_depth", $"{result.MaxDepth} is above 100", "lower it: every level costs stack, and no sender nests so deep");
        }

        limits.Done();
        return result;
    }

    private static QuotaSettings Quotas(YamlSection quotas)
    {
        var standard = Quota(quotas, TenantQuota.Unbounded);
        var tenants = TenantSections.Read(quotas, section => Quota(section, standard));
        quotas.Done();
        return standard == TenantQuota.Unbounded && tenants.Count == 0 ? QuotaSettings.None : new QuotaSettings(standard, tenants);
    }

    /// <summary>What a tenant's own quota leaves out is that of everybody.</summary>
    private static TenantQuota Quota(YamlSection section, TenantQuota otherwise) => new(
        Rate(section, "records_per_second", Scalars.Number, "a whole number above 0", otherwise.RecordsPerSecond),
        Rate(section, "bytes_per_second", Scalars.Size, SizeForm, otherwise.BytesPerSecond),
        section.Read("burst", Scalars.Duration, "a duration such as 5s", otherwise.Burst));

    private static long? Rate(YamlSection section, string key, ScalarParser<long> parser, string expected, long? otherwise) =>
        section.Optional(key, parser, expected) ?? otherwise;

    private static IngestTlsProfile Tls(YamlSection tls)
    {
        var authorities = OrNull(tls.Read("client_ca_file", Scalars.Text, FileForm, ""));
        var result = new IngestTlsProfile(
            tls.Require("cert_file", Scalars.Text, FileForm, ""),
            tls.Require("key_file", Scalars.Text, FileForm, ""),
            authorities,
            tls.Read(
                "client_auth",
                Scalars.OneOf(("none", ClientAuth.None), ("optional", ClientAuth.Optional), ("require", ClientAuth.Require)),
                "none, optional or require",
                authorities is null ? ClientAuth.None : ClientAuth.Require),
            tls.Read("min_version", Scalars.OneOf(("1.2", TlsVersion.Tls12), ("1.3", TlsVersion.Tls13)), "\"1.2\" or \"1.3\"", TlsVersion.Tls12),
            OrNull(tls.Read("trust_domain", Scalars.Text, "a SPIFFE trust domain such as example.org", "")));
        if (result.ClientAuth != ClientAuth.None && authorities is null)
        {
            tls.Conflict("client_ca_file", "missing, and client_auth asks for certificates", $"write 'client_ca_file: {FileForm}', or client_auth: none");
        }

        if (result.ClientAuth == ClientAuth.None && (authorities ?? result.TrustDomain) is not null)
        {
            tls.Conflict("client_auth", "none, and client_ca_file or trust_domain is there", "write optional or require, or remove them: nobody would be asked for a certificate");
        }

        if (result.TrustDomain is { } domain && !TrustDomain().IsMatch(domain))
        {
            tls.Fault("trust_domain", $"'{domain}' is not a SPIFFE trust domain", "write 1 to 255 of a-z, 0-9, '.', '-' and '_', without spiffe://");
        }

        tls.Done();
        return result;
    }

    private static string? OrNull(string text) => text.Length == 0 ? null : text;

    [GeneratedRegex(@"^[a-z0-9._-]{1,255}\z")]
    private static partial Regex TrustDomain();
}
