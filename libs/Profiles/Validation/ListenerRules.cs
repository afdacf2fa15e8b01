using System.Net;

namespace StellaOps.Telemetry.Profiles.Validation;

/// <summary>Plaintext stays on the machine; TLS needs a certificate.</summary>
internal static class ListenerRules
{
    public static void Check(RuleContext context)
    {
        var ingest = context.Profile.Ingest;
        foreach (var (name, url) in new[] { ("grpc", ingest.GrpcUrl), ("http", ingest.HttpUrl) })
        {
            var at = $"ingest.listeners.{name}";
            if (url.Scheme == "http" && !IsLoopback(url))
            {
                context.Refuse(at, $"{url} takes plaintext outside loopback: whoever is on the network reads and forges telemetry", "write https:// and ingest.tls, or listen on 127.0.0.1");
            }
            else if (url.Scheme == "https" && ingest.Tls is null)
            {
                context.Refuse(at, $"{url} asks for TLS without a certificate", "name ingest.tls.cert_file and ingest.tls.key_file");
            }
        }
    }

    public static bool IsLoopback(Uri url) =>
        url.Host == "localhost" || (IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
