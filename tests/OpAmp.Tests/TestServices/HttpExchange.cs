using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.Tests.Shared.OpAmp;

namespace StellaOps.Telemetry.OpAmp.Tests;

/// <summary>One exchange over plain HTTP, by hand.</summary>
internal static class HttpExchange
{
    public static readonly Uri Url = new("http://opamp.test" + KnownOpAmp.Path);

    public static HttpRequestMessage Request(byte[] body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(KnownOpAmp.ContentType);
        return request;
    }

    public static async Task<HttpResponseMessage> SendAsync(OpAmpHost host, HttpRequestMessage request) => await host.Http.SendAsync(request, TestContext.Current.CancellationToken);

    public static async Task<ServerToAgent> PostAsync(OpAmpHost host, AgentToServer message)
    {
        using var response = await SendAsync(host, Request(message.ToByteArray()));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await AnswerAsync(response);
    }

    public static async Task<ServerToAgent> AnswerAsync(HttpResponseMessage response)
    {
        Assert.Equal(KnownOpAmp.ContentType, response.Content.Headers.ContentType?.ToString());
        return ServerToAgent.Parser.ParseFrom(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }
}
