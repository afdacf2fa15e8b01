using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using StellaOps.Telemetry.Benchmarks.Harness.Stack;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Tests.Shared.Redis;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.Benchmarks.Harness.Incidents;

/// <summary>One of many gateways, with a trace that waits in it.</summary>
internal sealed class ToggledGateway : IAsyncDisposable
{
    private readonly ControlPlane _plane;
    private readonly GatewayProcess _process;
    private readonly HttpClient _sender;
    private string _traceId = "";

    private ToggledGateway(ControlPlane plane, GatewayProcess process)
    {
        (_plane, _process) = (plane, process);
        _sender = new HttpClient { BaseAddress = process.HttpUrl, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", plane.Keys[0]) } };
    }

    public static async Task<ToggledGateway> StartAsync(string folder, string profile, ControlPlane plane, RedisServer redis, string id)
    {
        var settings = new Dictionary<string, string>
        {
            [KnownEnvironment.GatewayId] = id,
            [KnownEnvironment.RedisConnection] = redis.ConnectionString,
            ["DOTNET_gcServer"] = "0",
            ["Logging__LogLevel__Default"] = "Warning",
        };
        return new ToggledGateway(plane, await GatewayProcess.StartAsync(BuiltProgram.Find("IngestGateway"), folder, profile, plane, settings, core: null));
    }

    /// <summary>Sends a trace of one span, and waits until the sampler holds it undecided.</summary>
    public async Task BufferTraceAsync(string service)
    {
        _traceId = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture) + "000000";
        var body =
            $$$"""
            {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"{{{service}}}"}}]},"scopeSpans":[{"spans":[
            {"traceId":"{{{_traceId}}}","spanId":"{{{_traceId[..16]}}}","name":"pay","kind":2,"startTimeUnixNano":"{{{now}}}","endTimeUnixNano":"{{{now}}}"}]}]}]}
            """;
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await _sender.PostAsync("v1/traces", content);
        answer.EnsureSuccessStatusCode();
        while (await DecisionAsync(CancellationToken.None) != "undecided")
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5));
        }
    }

    /// <summary>When the trace was seen to be kept, as a timestamp.</summary>
    public async Task<long> DecidedAsync(TimeSpan poll, CancellationToken cancellationToken)
    {
        while (await DecisionAsync(cancellationToken) != "kept")
        {
            await Task.Delay(poll, cancellationToken);
        }

        return Stopwatch.GetTimestamp();
    }

    /// <summary>Waits until no incident is in force here.</summary>
    public async Task QuietAsync(TimeSpan poll, CancellationToken cancellationToken)
    {
        while ((await _process.Client.GetSelfAsync(cancellationToken)).ActiveIncidents.Count > 0)
        {
            await Task.Delay(poll, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _sender.Dispose();
        await _process.DisposeAsync();
    }

    private async Task<string?> DecisionAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await _process.Client.GetTraceDecisionAsync(_plane.Tenants[0], _traceId, cancellationToken)).Decision;
        }
        catch (ApiException e) when (e.Status == HttpStatusCode.NotFound)
        {
            return null;
        }
    }
}
