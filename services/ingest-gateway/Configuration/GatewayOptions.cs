using System.Net;

namespace StellaOps.Telemetry.IngestGateway.Configuration;

/// <summary>Section <c>Stella:Gateway</c>.</summary>
internal sealed class GatewayOptions
{
    public const string Section = "Stella:Gateway";

    /// <summary>The gateway's name in envelopes, heartbeats and the ledger.</summary>
    public string Id { get; set; } = "";

    /// <summary>Folder of log, journal, cursors and last good snapshot.</summary>
    public string DataPath { get; set; } = "";

    /// <summary>OTLP/gRPC listener; null takes the profile's.</summary>
    public string? GrpcUrl { get; set; }

    /// <summary>OTLP/HTTP listener; null takes the profile's.</summary>
    public string? HttpUrl { get; set; }

    /// <summary>Has to be spelled to take plaintext OTLP outside loopback, such as behind a TLS proxy or in a container's own network.</summary>
    public bool AllowPlaintext { get; set; }

    /// <summary>Bytes of request bodies held at once, before and after decompression; above it requests are refused, retryable.</summary>
    public long MaxInFlightBytes { get; set; } = 256L << 20;

    /// <summary>Tokens remembered as valid.</summary>
    public int MaxCachedTokens { get; set; } = 10_000;

    /// <summary>Incidents held at once; more are ignored and logged.</summary>
    public int MaxIncidents { get; set; } = 10_000;

    public IEnumerable<string> Faults()
    {
        if (Id.Length is 0 or > 63 || !Id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            yield return $"Stella__Gateway__Id '{Id}' is not a name: give 1 to 63 of a-z, A-Z, 0-9, '-', '_' and '.'";
        }

        if (!Path.IsPathFullyQualified(DataPath))
        {
            yield return $"Stella__Gateway__DataPath '{DataPath}' is not an absolute path: name the folder that holds the gateway's log";
        }

        if (MaxInFlightBytes < 1 << 20)
        {
            yield return $"Stella__Gateway__MaxInFlightBytes {MaxInFlightBytes} is below 1 MiB: raise it, or no request passes";
        }

        foreach (var (key, url) in new[] { ("GrpcUrl", GrpcUrl), ("HttpUrl", HttpUrl) })
        {
            if (url is not null && ListenerUrl.FaultOf(url, AllowPlaintext) is { } fault)
            {
                yield return $"Stella__Gateway__{key} '{url}' {fault}";
            }
        }
    }
}

/// <summary>Where a listener binds.</summary>
internal static class ListenerUrl
{
    public static string? FaultOf(string url, bool allowPlaintext)
    {
        if (!TryParse(url, out var endpoint))
        {
            return "is not an address: write http://127.0.0.1:4317 (a number, not a name)";
        }

        return IPAddress.IsLoopback(endpoint.Address) || allowPlaintext
            ? null
            : "takes plaintext outside loopback: listen on 127.0.0.1, or spell Stella__Gateway__AllowPlaintext=true behind a TLS proxy";
    }

    public static IPEndPoint Parse(string url) => TryParse(url, out var endpoint)
        ? endpoint
        : throw new FormatException($"'{url}' is not a listener's address");

    public static bool TryParse(string url, out IPEndPoint endpoint)
    {
        endpoint = new IPEndPoint(IPAddress.None, 0);
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme != "http")
        {
            return false;
        }

        var address = uri.Host switch
        {
            "localhost" => IPAddress.Loopback,
            "*" or "+" => IPAddress.Any,
            var host => IPAddress.TryParse(host.Trim('[', ']'), out var parsed) ? parsed : null,
        };
        if (address is null)
        {
            return false;
        }

        endpoint = new IPEndPoint(address, uri.Port);
        return true;
    }
}
