using System.Net;

namespace StellaOps.Telemetry.IngestGateway.Configuration;

/// <summary>Where a listener binds, and whether it speaks TLS there.</summary>
internal sealed record ListenerAddress(IPEndPoint EndPoint, bool IsTls)
{
    public bool IsLoopback => IPAddress.IsLoopback(EndPoint.Address);

    public static string? FaultOf(string url, bool allowPlaintext)
    {
        if (!TryParse(url, out var address))
        {
            return "is not an address: write http://127.0.0.1:4317 (a number, not a name)";
        }

        return address.IsTls || address.IsLoopback || allowPlaintext
            ? null
            : "takes plaintext outside loopback: write https://, listen on 127.0.0.1, or spell Stella__Gateway__AllowPlaintext=true behind a TLS proxy";
    }

    public static bool TryParse(string url, out ListenerAddress address)
    {
        address = new ListenerAddress(new IPEndPoint(IPAddress.None, 0), false);
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            return false;
        }

        var ip = uri.Host switch
        {
            "localhost" => IPAddress.Loopback,
            "*" or "+" => IPAddress.Any,
            var host => IPAddress.TryParse(host.Trim('[', ']'), out var parsed) ? parsed : null,
        };
        if (ip is null)
        {
            return false;
        }

        address = new ListenerAddress(new IPEndPoint(ip, uri.Port), uri.Scheme == "https");
        return true;
    }

    public override string ToString() => $"{(IsTls ? "https" : "http")}://{EndPoint}";
}
