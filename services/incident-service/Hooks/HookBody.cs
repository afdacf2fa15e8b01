using Microsoft.AspNetCore.Http.Features;

namespace StellaOps.Telemetry.IncidentService.Hooks;

/// <summary>A body of at most so many bytes: the server refuses a longer one by its Content-Length, or when it has read that many.</summary>
internal static class HookBody
{
    /// <exception cref="BadHttpRequestException">It is longer (413).</exception>
    public static async Task<byte[]> ReadAsync(HttpRequest request, int maxBytes, CancellationToken cancellationToken)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = maxBytes;
        }

        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellationToken);
        return body.ToArray();
    }
}
