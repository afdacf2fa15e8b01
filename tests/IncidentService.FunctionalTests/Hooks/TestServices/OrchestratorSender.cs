using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Hooks.TestServices;

/// <summary>Sends events as an orchestrator does, signed by the Standard Webhooks specification in code that shares nothing with ours.</summary>
internal sealed class OrchestratorSender(HttpClient client, byte[] secret)
{
    public const string Path = "/api/v1/hooks/orchestrator";

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public static JsonObject Data(string correlation, string? more = null)
    {
        var data = more is null ? [] : JsonNode.Parse(more)!.AsObject();
        data["correlation"] = correlation;
        return data;
    }

    /// <param name="kind">started, extended or resolved.</param>
    public Task<HttpResponseMessage> StructuredAsync(string kind, JsonObject data, string? id = null, TimeSpan late = default, Action<HttpRequestMessage>? change = null)
    {
        var read = new JsonObject
        {
            ["specversion"] = "1.0",
            ["id"] = "e-1",
            ["source"] = "//orchestrator/eu",
            ["type"] = TypeOf(kind),
            ["time"] = "2026-11-27T01:00:00Z",
            ["datacontenttype"] = "application/json",
            ["data"] = data.DeepClone(),
        };
        return SendAsync(read.ToJsonString(), "application/cloudevents+json; charset=utf-8", id, late, change);
    }

    public Task<HttpResponseMessage> BinaryAsync(string kind, JsonObject data, string? id = null, Action<HttpRequestMessage>? change = null) =>
        SendAsync(data.ToJsonString(), "application/json", id, default, request =>
        {
            request.Headers.Add("ce-specversion", "1.0");
            request.Headers.Add("ce-id", "e-1");
            request.Headers.Add("ce-source", "//orchestrator/eu");
            request.Headers.Add("ce-type", TypeOf(kind));
            change?.Invoke(request);
        });

    public async Task<HttpResponseMessage> SendAsync(string body, string contentType, string? id = null, TimeSpan late = default, Action<HttpRequestMessage>? change = null)
    {
        id ??= $"msg_{Guid.NewGuid():n}";
        var timestamp = (Time.GetUtcNow() - late).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes($"{id}.{timestamp}.{body}"));
        using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp);
        request.Headers.TryAddWithoutValidation("webhook-signature", $"v1,{Convert.ToBase64String(signature)}");
        change?.Invoke(request);
        return await client.SendAsync(request);
    }

    public static string TypeOf(string kind) => $"org.stella-ops.orchestrator.incident.{kind}.v1";
}
