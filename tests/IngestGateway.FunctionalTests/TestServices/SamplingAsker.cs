using System.Net;
using System.Net.Http.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Sampling;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;

/// <summary>Asks the gateway by hand, as a service of one tenant.</summary>
internal sealed class SamplingAsker(GatewayUnderTest gateway, string tenant, string service = "checkout") : IDisposable
{
    private readonly HttpClient _client = gateway.Otlp(gateway.Writer(tenant));

    public async Task<SamplingAnswer> AskAsync(string? known = null, int wait = 0, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/sampling?service={service}&wait={wait}");
        if (known is not null)
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", known);
        }

        using var response = await _client.SendAsync(request, cancellationToken);
        var content = response.StatusCode == HttpStatusCode.OK ? await response.Content.ReadFromJsonAsync(ContractsJson.Default.HeadSamplingResponse, cancellationToken) : null;
        return new SamplingAnswer(response.StatusCode, response.Headers.ETag?.Tag, content, response.Headers.RetryAfter?.Delta);
    }

    public async Task<string> JaegerAsync(string path = "/sampling") => await _client.GetStringAsync($"{path}?service={service}");

    public void Dispose() => _client.Dispose();
}

internal sealed record SamplingAnswer(HttpStatusCode Status, string? Tag, HeadSamplingResponse? Content, TimeSpan? RetryAfter);
