using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.Clients;

/// <summary>What all clients share: JSON by contract, problem details as <see cref="ApiException"/>, paths relative to the base address.</summary>
/// <param name="http">With a base address that ends with '/', and whatever authenticates.</param>
public abstract class ApiClient(HttpClient http)
{
    private const int MaxProblemBytes = 64 * 1024;
    private const string EventStream = "text/event-stream";

    /// <summary>GETs a document.</summary>
    protected async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var response = await http.GetAsync(path, cancellationToken).ConfigureAwait(false);
        return await ReadAsync(response, type, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>GETs a body of any size.</summary>
    protected async Task DownloadAsync(string path, Stream target, CancellationToken cancellationToken)
    {
        using var response = await http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        await ThrowIfFailedAsync(response, cancellationToken).ConfigureAwait(false);
        await response.Content.CopyToAsync(target, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Follows server-sent events, each of them a document, until the service ends the stream.</summary>
    /// <param name="lastEventId">Of the last one that is known; null for none.</param>
    /// <exception cref="ApiException">The service has no such events, or not now.</exception>
    protected async IAsyncEnumerable<T> EventsAsync<T>(string path, JsonTypeInfo<T> type, string? lastEventId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(EventStream));
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        await ThrowIfFailedAsync(response, cancellationToken).ConfigureAwait(false);
        if (response.Content.Headers.ContentType?.MediaType != EventStream)
        {
            throw new ApiException(response.StatusCode, null, "The service's answer cannot be read", "it is no stream of events");
        }

        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using var ofStream = stream.ConfigureAwait(false);
        var events = SseParser.Create(stream, (_, json) => JsonSerializer.Deserialize(json, type));
        await foreach (var item in events.EnumerateAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return item.Data ?? throw new JsonException("an event without data");
        }
    }

    /// <summary>POSTs a document.</summary>
    protected async Task<TAnswer> PostAsync<TBody, TAnswer>(
        string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answerType, string? idempotencyKey, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body, bodyType) };
        return await SendAsync(request, answerType, idempotencyKey, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>POSTs a document; the answer is read as it comes, for as long as it takes.</summary>
    /// <returns>To be disposed of.</returns>
    protected async Task<HttpResponseMessage> PostForStreamAsync<TBody>(string path, TBody body, JsonTypeInfo<TBody> bodyType, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body, bodyType) };
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        try
        {
            await ThrowIfFailedAsync(response, cancellationToken).ConfigureAwait(false);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    /// <summary>POSTs nothing.</summary>
    protected async Task<TAnswer> PostAsync<TAnswer>(string path, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        return await SendAsync(request, answerType, null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A path segment that may hold anything.</summary>
    protected static string Segment(string text) => Uri.EscapeDataString(text);

    /// <summary>Path and query; parameters without a value are left out.</summary>
    protected static string WithQuery(string path, params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var text = new StringBuilder(path);
        var separator = '?';
        foreach (var (name, value) in parameters)
        {
            if (value is not null)
            {
                text.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(value));
                separator = '&';
            }
        }

        return text.ToString();
    }

    /// <summary>A time as it stands in a query.</summary>
    protected static string? Time(DateTimeOffset? time) => time?.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture);

    private async Task<TAnswer> SendAsync<TAnswer>(HttpRequestMessage request, JsonTypeInfo<TAnswer> type, string? idempotencyKey, CancellationToken cancellationToken)
    {
        if (idempotencyKey is not null)
        {
            request.Headers.Add(KnownHeaders.IdempotencyKey, idempotencyKey);
        }

        using var response = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        return await ReadAsync(response, type, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        await ThrowIfFailedAsync(response, cancellationToken).ConfigureAwait(false);
        try
        {
            return await response.Content.ReadFromJsonAsync(type, cancellationToken).ConfigureAwait(false)
                ?? throw new ApiException(response.StatusCode, null, "The service answered with nothing", null);
        }
        catch (JsonException e)
        {
            throw new ApiException(response.StatusCode, null, "The service's answer cannot be read", e.Message);
        }
    }

    private static async Task ThrowIfFailedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
        {
            return;
        }

        string? type = null;
        string? detail = null;
        var title = response.ReasonPhrase is { Length: > 0 } reason ? reason : "The service refused";
        if (IsJson(response.Content.Headers.ContentType))
        {
            try
            {
                await response.Content.LoadIntoBufferAsync(MaxProblemBytes, cancellationToken).ConfigureAwait(false);
                var problem = await response.Content.ReadFromJsonAsync(ProblemJson.Default.JsonElement, cancellationToken).ConfigureAwait(false);
                type = Text(problem, "type");
                title = Text(problem, "title") ?? title;
                detail = Text(problem, "detail");
            }
            catch (Exception e) when (e is JsonException or HttpRequestException)
            {
                detail = null;
            }
        }

        throw new ApiException(response.StatusCode, type, title, detail);
    }

    private static bool IsJson(MediaTypeHeaderValue? contentType) => contentType?.MediaType is "application/problem+json" or "application/json";

    private static string? Text(JsonElement problem, string name) =>
        problem.ValueKind == JsonValueKind.Object && problem.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
