using System.Net.Http.Headers;

namespace StellaOps.Telemetry.Cli.Tokens;

/// <summary>Shows a token that is never old: a call may last longer than a token does.</summary>
internal sealed class TokenHandler(Func<string> source, TimeProvider time, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    // A third of how long a minted one lasts.
    private static readonly TimeSpan s_renewAfter = TimeSpan.FromMinutes(5);

    private string? _token;
    private long _since;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (_token is null || time.GetElapsedTime(_since) > s_renewAfter)
        {
            (_token, _since) = (source(), time.GetTimestamp());
        }

        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        return base.SendAsync(request, cancellationToken);
    }
}
