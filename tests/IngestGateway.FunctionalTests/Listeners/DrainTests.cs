using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using Grpc.Core;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.Listeners;

/// <summary>The real program under load gets SIGTERM.</summary>
public sealed class DrainTests
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(10);

    private readonly ConcurrentBag<string> _acknowledged = [];
    private readonly ConcurrentBag<string> _unsent = [];
    private readonly ConcurrentBag<string> _wrong = [];

    [Fact]
    public async Task Stop_UnderLoad_AnswersWhatIsInFlightAndLosesNothingAcknowledged()
    {
        await using var gateway = new GatewayUnderTest { IsWhole = true };
        gateway.Profiles.Tenant("acme");
        await gateway.Profiles.StartAsync();
        await gateway.PrepareAsync(null, TestProfiles.Small);
        var (api, grpc, http) = (SiblingProcess.NewUrl(), SiblingProcess.NewUrl(), SiblingProcess.NewUrl());
        gateway.More[KnownEnvironment.GatewayGrpcUrl] = grpc.ToString();
        gateway.More[KnownEnvironment.GatewayHttpUrl] = http.ToString();
        gateway.More["Stella__Gateway__DrainDelay"] = "00:00:01";
        await using var process = SupervisedProcess.Start("TERM", ["dotnet", BuiltProgram.Find("IngestGateway"), .. gateway.Arguments(api.ToString())]);
        await Eventually.HoldsAsync(
            async () => !process.HasExited && await HealthAsync(api) == HttpStatusCode.OK, TimeSpan.FromSeconds(30), $"the program is ready:\n{process.Output}");
        var token = gateway.Writer("acme");
        using var end = new CancellationTokenSource();
        var senders = Enumerable.Range(0, 4).Select(i => SendAsync(grpc, token, i, end.Token)).ToList();
        await Eventually.HoldsAsync(() => _acknowledged.Count > 200 || !_wrong.IsEmpty, s_soon, "the load runs");
        var body = OtlpBytes.Request(Signal.Traces, padding: 1000);
        await using var early = await BeginAsync(http, token, body);
        await using var late = await BeginAsync(http, token, body);

        var stopped = process.StopAsync();

        await Eventually.HoldsAsync(async () => await HealthAsync(api) == HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(1), "it says that it goes");
        var during = _acknowledged.Count;
        await early.SendAsync(body[500..]);
        var headers = await early.HeadersAsync(s_soon);
        Assert.StartsWith("HTTP/1.1 200 ", headers, StringComparison.Ordinal);
        Assert.Contains("Connection: close", headers, StringComparison.OrdinalIgnoreCase);
        await Eventually.HoldsAsync(async () => await HealthAsync(api) is null, s_soon, "it listens no more");
        await late.SendAsync(body[500..]);
        Assert.Equal(200, await late.StatusAsync(s_soon));
        await stopped.WaitAsync(TimeSpan.FromSeconds(15));
        await end.CancelAsync();
        await Task.WhenAll(senders);

        Assert.True(_acknowledged.Count > during, "senders were served while it said that it goes");
        Assert.True(_wrong.IsEmpty, string.Join("\n", _wrong));
        var logged = await LoggedAsync(gateway);
        Assert.Equal(2, logged.Count(h => h == Hash(body)));
        Assert.Empty(_acknowledged.Except(logged));
        Assert.Empty(_unsent.Intersect(logged));
    }

    private static async Task<HttpStatusCode?> HealthAsync(Uri api)
    {
        using var client = new HttpClient { BaseAddress = api };
        try
        {
            using var answer = await client.GetAsync("/health");
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>A request of which half was sent.</summary>
    private static async Task<RawHttp> BeginAsync(Uri http, string token, byte[] body)
    {
        var raw = await RawHttp.ConnectAsync(http);
        await raw.SendAsync($"POST /v1/traces HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/x-protobuf\r\nContent-Length: {body.Length}\r\n\r\n");
        await raw.SendAsync(body[..500]);
        return raw;
    }

    private async Task SendAsync(Uri grpc, string token, int number, CancellationToken cancellationToken)
    {
        using var sender = new GrpcSender(grpc, token) { Ended = cancellationToken };
        for (var i = 0; !cancellationToken.IsCancellationRequested; i++)
        {
            var request = OtlpBytes.Message(OtlpBytes.Request(Signal.Traces), OtlpBytes.Field(1, OtlpBytes.Field(1, OtlpBytes.Attribute(1, "n", $"{number}/{i}"))));
            try
            {
                await sender.ExportAsync(Signal.Traces, request);
                _acknowledged.Add(Hash(request));
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable)
            {
                await Task.Delay(10, CancellationToken.None);
            }
            catch (RpcException e) when (IsConnectionClosed(e))
            {
                _unsent.Add(Hash(request));
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Cancelled && cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (RpcException e)
            {
                _wrong.Add(e.ToString());
            }
        }
    }

    /// <summary>
    /// The connection was closed in order (GOAWAY with NO_ERROR), or by a listener that had not taken it yet, before the request was sent. The
    /// client calls that INTERNAL where others say UNAVAILABLE.
    /// </summary>
    private static bool IsConnectionClosed(RpcException e) => e.Status.DebugException is HttpRequestException
    {
        InnerException: HttpProtocolException { ErrorCode: 0 } or (IOException and not HttpProtocolException),
    };

    /// <summary>What the program left in its log.</summary>
    private static async Task<List<string>> LoggedAsync(GatewayUnderTest gateway)
    {
        gateway.More[KnownEnvironment.GatewayGrpcUrl] = gateway.More[KnownEnvironment.GatewayHttpUrl] = "http://127.0.0.1:0";
        await gateway.StartAsync();
        return LoggedBatches.Of(gateway).ConvertAll(b => Hash(b.Payload));
    }

    private static string Hash(byte[] request) => Convert.ToHexString(SHA256.HashData(request));
}
