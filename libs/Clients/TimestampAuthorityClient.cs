using System.Net.Http.Headers;

namespace StellaOps.Telemetry.Clients;

/// <summary>Asks a timestamp authority over HTTP (https://www.rfc-editor.org/rfc/rfc3161#section-3.4). What it answers is not judged here.</summary>
public sealed class TimestampAuthorityClient(HttpClient http, Uri url)
{
    private const string QueryType = "application/timestamp-query";
    private const string ReplyType = "application/timestamp-reply";

    /// <summary>Asks once.</summary>
    /// <param name="request">A TimeStampReq (DER).</param>
    /// <param name="maxBytes">The longest answer that is read.</param>
    /// <exception cref="HttpRequestException">No answer, none with a time, or a longer one.</exception>
    public async Task<byte[]> AskAsync(ReadOnlyMemory<byte> request, int maxBytes, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ReadOnlyMemoryContent(request) };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue(QueryType);
        message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(ReplyType));
        using var response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode || response.Content.Headers.ContentType?.MediaType != ReplyType)
        {
            throw new HttpRequestException(
                $"answered {(int)response.StatusCode} of type '{response.Content.Headers.ContentType?.MediaType}' where 200 and '{ReplyType}' were expected", null, response.StatusCode);
        }

        var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using var ofBody = body.ConfigureAwait(false);
        var buffer = new byte[maxBytes + 1];
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return length <= maxBytes ? buffer[..length] : throw new HttpRequestException($"answered more than {maxBytes} bytes");
    }
}
