using System.Globalization;
using StellaOps.Telemetry.Profiles.Model;
using StellaOps.Telemetry.Profiles.Rendering.Yaml;

namespace StellaOps.Telemetry.Profiles.Rendering.Collector;

/// <summary>The Collector's <c>otlp</c> receiver: it listens as the profile has the gateway listen, and senders need not know whom they talk to.</summary>
internal static class EdgeReceiver
{
    public static YamlMap Of(IngestProfile ingest) => new()
    {
        {
            "protocols", new YamlMap
            {
                // The Collector has one limit, for what was sent and for what it decompresses to.
                { "grpc", Protocol(ingest.GrpcUrl, ingest.Tls, ("max_recv_msg_size_mib", Amounts.MebibytesUp(ingest.Limits.MaxDecompressedBytes))) },
                { "http", Protocol(ingest.HttpUrl, ingest.Tls, ("max_request_body_size", (long)ingest.Limits.MaxDecompressedBytes)) },
            }
        },
    };

    private static YamlMap Protocol(Uri url, IngestTlsProfile? tls, (string Key, long Value) limit) => new()
    {
        { "endpoint", string.Create(CultureInfo.InvariantCulture, $"{url.Host}:{url.Port}") },
        { limit.Key, limit.Value },
        { "tls", url.Scheme == Uri.UriSchemeHttps && tls is not null ? Tls(tls) : null },
    };

    private static YamlMap Tls(IngestTlsProfile tls) => new()
    {
        { "cert_file", tls.CertFile },
        { "key_file", tls.KeyFile },

        // The Collector knows required or none. It cannot ask for another proof, so what is optional at the gateway is required here.
        { "client_ca_file", tls.ClientAuth == ClientAuth.None ? null : tls.ClientCaFile },
        { "client_ca_file_reload", tls.ClientAuth == ClientAuth.None || tls.ClientCaFile is null ? null : true },
        { "min_version", tls.MinVersion == TlsVersion.Tls13 ? "1.3" : "1.2" },
        { "reload_interval", "1m" },
    };
}
