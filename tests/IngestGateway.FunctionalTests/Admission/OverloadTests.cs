using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.IngestGateway.Admission;
using StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.Admission;

/// <summary>Above what it can do, the gateway refuses early and retryable, one tenant not at another's cost, and recovers by itself.</summary>
public sealed class OverloadTests
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(5);

    private readonly byte[] _request = OtlpBytes.Request(Signal.Traces);

    [Fact]
    public async Task Send_MoreThanMayBeInFlight_IsRefusedRetryableAndWhatWasTakenIsAnswered()
    {
        await using var gateway = await StartAsync(("MaxRequestsInFlight", "4"));
        gateway.Log.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var acme = gateway.Grpc(gateway.Writer("acme"));
        using var globex = gateway.Grpc(gateway.Writer("globex"));
        var taken = new List<Task<byte[]>> { acme.ExportAsync(Signal.Traces, _request), acme.ExportAsync(Signal.Traces, _request) };
        await WaitingAsync(gateway, 2);

        var busy = await acme.RefusedAsync(Signal.Traces, _request);
        taken.AddRange([globex.ExportAsync(Signal.Traces, _request), globex.ExportAsync(Signal.Traces, _request)]);
        await WaitingAsync(gateway, 4);
        await gateway.KnowTenantAsync("third");
        using var third = gateway.Grpc(gateway.Writer("third"));
        var overloaded = await third.RefusedAsync(Signal.Traces, _request);
        using var http = new TlsSender(null, gateway.Writer("third"));
        var overHttp = await http.PostAsync(gateway.HttpUrl, _request);

        Assert.Equal(StatusCode.Unavailable, busy.StatusCode);
        Assert.InRange(RetryInfo.SecondsOf(busy), 0.5, 2.5);
        Assert.Equal(StatusCode.Unavailable, overloaded.StatusCode);
        Assert.InRange(RetryInfo.SecondsOf(overloaded), 0.5, 2.5);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, overHttp);
        gateway.Log.Gate.SetResult();
        gateway.Log.Gate = null;
        await Task.WhenAll(taken).WaitAsync(s_soon);
        await third.ExportAsync(Signal.Traces, _request);
        Assert.Equal(["acme", "acme", "globex", "globex", "third"], gateway.Log.Batches.Select(b => b.Tenant).Order());
    }

    [Fact]
    public async Task Send_WhileOverloaded_IsRefusedBeforeTheBodyCame()
    {
        await using var gateway = await StartAsync(("MaxRequestsInFlight", "1"));
        gateway.Log.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var acme = gateway.Grpc(gateway.Writer("acme"));
        var taken = acme.ExportAsync(Signal.Traces, _request);
        await WaitingAsync(gateway, 1);
        await using var raw = await RawHttp.ConnectAsync(gateway.HttpUrl);

        await raw.SendAsync(Head(gateway, 60_000));
        var headers = await raw.HeadersAsync(s_soon);

        Assert.StartsWith("HTTP/1.1 503 ", headers, StringComparison.Ordinal);
        Assert.Matches("(?m)^Retry-After: [123]\r?$", headers);
        gateway.Log.Gate.SetResult();
        await taken.WaitAsync(s_soon);
    }

    [Fact]
    public async Task Send_BodyThatDoesNotCome_LosesItsPlace()
    {
        await using var gateway = await StartAsync(("MaxRequestsInFlight", "2"));
        await using var slow = await RawHttp.ConnectAsync(gateway.HttpUrl);
        await slow.SendAsync(Head(gateway, 60_000));

        // Before it has the place, a request of the other would take it, and the slow one would be refused.
        var gate = gateway.Services.GetRequiredService<AdmissionGate>();
        await Eventually.HoldsAsync(() => gate.InFlight == 1, s_soon, "the slow sender was taken");
        using var acme = gateway.Grpc(gateway.Writer("acme"));
        await Eventually.HoldsAsync(() => IsRefusedAsync(acme), s_soon, "the slow sender has the tenant's one place");

        Assert.Equal(503, await slow.StatusAsync(TimeSpan.FromSeconds(20)));
        await acme.ExportAsync(Signal.Traces, _request);
    }

    [Fact]
    public async Task Connect_MoreThanMayBeConnected_AreClosedAndTheApiAnswers()
    {
        await using var gateway = await StartAsync(("MaxConnections", "3"));
        var held = new List<RawHttp>();
        for (var i = 0; i < 3; i++)
        {
            held.Add(await RawHttp.ConnectAsync(gateway.HttpUrl));
        }

        Assert.Equal(0, await StatusOfNextAsync(gateway));
        using var api = gateway.Api();
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/health")).StatusCode);

        await held[0].DisposeAsync();
        await Eventually.HoldsAsync(async () => await StatusOfNextAsync(gateway) == 405, s_soon, "a connection that ended makes room");
        foreach (var raw in held)
        {
            await raw.DisposeAsync();
        }
    }

    /// <summary>What a new connection is answered; 0 when it is closed instead, be it while it connects or sends.</summary>
    private static async Task<int> StatusOfNextAsync(GatewayUnderTest gateway)
    {
        try
        {
            await using var next = await RawHttp.ConnectAsync(gateway.HttpUrl);
            await next.SendAsync("GET /v1/traces HTTP/1.1\r\nHost: x\r\n\r\n");
            return await next.StatusAsync(s_soon);
        }
        catch (Exception e) when (e is IOException or SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            return 0;
        }
    }

    private async Task<bool> IsRefusedAsync(GrpcSender sender)
    {
        try
        {
            await sender.ExportAsync(Signal.Traces, _request);
            return false;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable)
        {
            return true;
        }
    }

    private static string Head(GatewayUnderTest gateway, int length) =>
        $"POST /v1/traces HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {gateway.Writer("acme")}\r\nContent-Type: application/x-protobuf\r\nContent-Length: {length}\r\n\r\n";

    private static Task WaitingAsync(GatewayUnderTest gateway, int count) =>
        Eventually.HoldsAsync(() => gateway.Log.Waiting == count, s_soon, $"{count} requests wait for the log");

    private static async Task<GatewayUnderTest> StartAsync((string Key, string Value) limit)
    {
        var gateway = new GatewayUnderTest();
        gateway.More["Stella__Gateway__" + limit.Key] = limit.Value;
        await gateway.StartKnownAsync(null, TestProfiles.Small);
        return gateway;
    }
}
