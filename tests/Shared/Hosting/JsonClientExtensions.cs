using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using StellaOps.Telemetry.Contracts;
using Xunit;

namespace StellaOps.Telemetry.Tests.Shared.Hosting;

/// <summary>Requests and answers in the contracts' JSON.</summary>
public static class JsonClientExtensions
{
    /// <summary>Posts a body (null: none), with an Idempotency-Key where given.</summary>
    public static async Task<HttpResponseMessage> SendJsonAsync<TBody>(this HttpClient client, string path, TBody body, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body, TypeOf<TBody>()) };
        if (idempotencyKey is not null)
        {
            request.Headers.Add(KnownHeaders.IdempotencyKey, idempotencyKey);
        }

        return await client.SendAsync(request);
    }

    /// <summary>Reads a good answer; fails the test with the answer's text when it is not one.</summary>
    public static async Task<T> ReadAsync<T>(this HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {body}");
        return JsonSerializer.Deserialize(body, TypeOf<T>())!;
    }

    private static JsonTypeInfo<T> TypeOf<T>() => (JsonTypeInfo<T>)ContractsJson.Default.GetTypeInfo(typeof(T))!;
}
