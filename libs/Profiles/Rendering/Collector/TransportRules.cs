using System.Net;
using StellaOps.Telemetry.Profiles.Loading;
using static StellaOps.Telemetry.Profiles.Rendering.Collector.CollectorConfig;

namespace StellaOps.Telemetry.Profiles.Rendering.Collector;

/// <summary>Exporters speak mutual TLS; what listens outside loopback speaks TLS.</summary>
internal static class TransportRules
{
    private static readonly string[] s_weak = ["insecure", "insecure_skip_verify"];

    private static readonly string[] s_files = ["ca_file", "cert_file", "key_file"];

    public static void Check(CollectorConfig config, FaultList faults)
    {
        foreach (var exporter in config.Declared("exporters"))
        {
            CheckExporter(exporter, $"exporters.{exporter.Key}", faults);
        }

        foreach (var receiver in config.Declared("receivers"))
        {
            foreach (var protocol in Children(Node(receiver.Value, "protocols")))
            {
                CheckListener(protocol, $"receivers.{receiver.Key}.protocols.{protocol.Key}", faults);
            }
        }

        foreach (var extension in config.Declared("extensions").Where(e => Node(e.Value, "endpoint") is not null))
        {
            CheckListener(extension, $"extensions.{extension.Key}", faults);
        }
    }

    private static void CheckExporter(MappingEntry exporter, string path, FaultList faults)
    {
        foreach (var weak in s_weak.Where(w => Text(exporter.Value, "tls", w) == "true"))
        {
            faults.Add(Node(exporter.Value, "tls", weak)!.Place, $"{path}.tls.{weak}", "on: anybody may be the gateway", "remove it, and name ca_file");
        }

        if (Node(exporter.Value, "endpoint") is ScalarNode endpoint && endpoint.Text.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
        {
            faults.Add(endpoint.Place, path + ".endpoint", "plaintext", "write host:port, or https://");
        }

        foreach (var file in s_files.Where(f => string.IsNullOrEmpty(Text(exporter.Value, "tls", f))))
        {
            faults.Add(exporter.KeyPlace, $"{path}.tls.{file}", "missing", "name it: the gateway knows the tenant by the Collector's certificate");
        }
    }

    private static void CheckListener(MappingEntry listener, string path, FaultList faults)
    {
        var endpoint = Text(listener.Value, "endpoint");
        if (!IsLoopback(endpoint) && Node(listener.Value, "tls", "cert_file") is null)
        {
            faults.Add(listener.KeyPlace, path, $"{endpoint ?? "its default"} is taken in plaintext outside loopback", "add tls.cert_file and tls.key_file, or listen on 127.0.0.1");
        }
    }

    private static bool IsLoopback(string? endpoint)
    {
        var host = endpoint is null ? "" : endpoint[..Math.Max(0, endpoint.LastIndexOf(':'))].Trim('[', ']');
        return host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
    }
}
