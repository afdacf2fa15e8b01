using System.Net.Http.Headers;
using Microsoft.Extensions.Options;

namespace StellaOps.Telemetry.ServiceDefaults.Auth;

/// <summary>
/// Adds this service's own token to a request. The file is read for each request: it is small, calls between services are few, and a token
/// that was replaced must not be presented any longer.
/// </summary>
public sealed class ServiceTokenHandler(IOptions<StellaAuthOptions> options) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Headers.Authorization is null && options.Value.ServiceTokenFile is { Length: > 0 } file)
        {
            var token = await File.ReadAllTextAsync(file, cancellationToken);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Trim());
        }

        return await base.SendAsync(request, cancellationToken);
    }
}
