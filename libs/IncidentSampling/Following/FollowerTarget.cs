using OpenTelemetry.Resources;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Sampling;

namespace StellaOps.Telemetry.IncidentSampling.Following;

/// <summary>Whom to ask, and about what.</summary>
internal sealed record FollowerTarget(Uri Url, IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    private const string ServiceNameKey = "service.name";
    private const int GrpcPort = 4317;
    private const int HttpPort = 4318;

    /// <summary>Null with the reason where nobody can be asked.</summary>
    /// <param name="setting">Reads the environment.</param>
    public static FollowerTarget? Find(IncidentSamplingOptions options, Func<string, string?> setting, Resource resource, out string reason)
    {
        var service = options.ServiceName ?? NameOf(resource) ?? setting(KnownEnvironment.OtelServiceName);
        if (service is not { Length: > 0 and <= KnownSamplingRoutes.MaxServiceName })
        {
            reason = $"service.name has to be of 1 to {KnownSamplingRoutes.MaxServiceName} characters: set OTEL_SERVICE_NAME";
            return null;
        }

        var endpoint = options.Endpoint ?? EndpointOf(setting(KnownEnvironment.OtlpEndpoint));
        if (endpoint is not { IsAbsoluteUri: true, Scheme: "http" or "https" })
        {
            reason = "the endpoint is not an absolute http or https URL: set OTEL_EXPORTER_OTLP_ENDPOINT, or Endpoint";
            return null;
        }

        reason = "";
        var url = $"{endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/')}{KnownSamplingRoutes.Follow}?service={Uri.EscapeDataString(service)}&wait={KnownSamplingRoutes.MaxWaitSeconds}";
        return new FollowerTarget(new Uri(url), [.. HeadersOf(options.Headers ?? setting(KnownEnvironment.OtlpHeaders))]);
    }

    private static string? NameOf(Resource resource)
    {
        foreach (var (key, value) in resource.Attributes)
        {
            if (key == ServiceNameKey)
            {
                return value as string;
            }
        }

        return null;
    }

    /// <summary>SDKs that send OTLP/gRPC know the gateway by that port.</summary>
    private static Uri? EndpointOf(string? configured)
    {
        if (string.IsNullOrWhiteSpace(configured))
        {
            return new Uri($"http://localhost:{HttpPort}");
        }

        return !Uri.TryCreate(configured.Trim(), UriKind.Absolute, out var url) ? null
            : url.Port == GrpcPort ? new UriBuilder(url) { Port = HttpPort }.Uri
            : url;
    }

    /// <summary>Reads <c>authorization=Bearer%20KEY, other=value</c>; what is no pair is passed over, as by exporters.</summary>
    private static IEnumerable<KeyValuePair<string, string>> HeadersOf(string? text)
    {
        foreach (var pair in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var split = pair.IndexOf('=', StringComparison.Ordinal);
            if (split > 0)
            {
                yield return new(Uri.UnescapeDataString(pair[..split].Trim()), Uri.UnescapeDataString(pair[(split + 1)..].Trim()));
            }
        }
    }
}
