using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Sampling;
using StellaOps.Telemetry.Tests.Shared.Hosting;

namespace StellaOps.Telemetry.IncidentSampling.Tests.TestServices;

/// <summary>A scripted peer on a real port: answers as the gateway does, until it is told to do otherwise.</summary>
internal sealed class SamplingGateway : IAsyncDisposable
{
    private readonly SemaphoreSlim _asked = new(0);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RunningService? _service;
    private int _version;

    public ConcurrentQueue<AskedRequest> Requests { get; } = new();

    public Uri Url => _service!.Url;

    /// <summary>Takes the place of the gateway's answer while it is set.</summary>
    public Func<HttpContext, Task>? Misbehaviour { get; set; }

    public HeadSamplingResponse Answer { get; private set; } = new(0, 0, null, null);

    public static async Task<SamplingGateway> StartNewAsync(string url = "http://127.0.0.1:0")
    {
        var gateway = new SamplingGateway();
        var builder = WebApplication.CreateSlimBuilder(["--urls=" + url]);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Run(gateway.HandleAsync);
        gateway._service = await RunningService.StartAsync(app);
        return gateway;
    }

    public void Say(HeadSamplingResponse answer)
    {
        Answer = answer;
        Interlocked.Increment(ref _version);
        Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    public void SayIncident(double rate, TimeSpan lasts, double baseRate = 0) =>
        Say(new HeadSamplingResponse(rate, baseRate, "inc-1", TimeProvider.System.GetUtcNow() + lasts));

    /// <summary>The next request comes.</summary>
    public async Task AskedAsync() =>
        Assert.True(await _asked.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken), "nobody asks");

    /// <summary>As a machine that loses power: whoever waits hears nothing more.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_service is { } service)
        {
            _service = null;
            using var now = new CancellationTokenSource(TimeSpan.Zero);
            await service.App.StopAsync(now.Token);
            await service.App.DisposeAsync();
        }
    }

    private async Task HandleAsync(HttpContext context)
    {
        var changed = _changed.Task;
        Requests.Enqueue(new AskedRequest(context.Request.Path + context.Request.QueryString, context.Request.Headers.Authorization.ToString(), context.Request.Headers.IfNoneMatch.ToString(), context.Request.Headers.TraceParent.ToString()));
        _asked.Release();
        if (Misbehaviour is { } misbehave)
        {
            await misbehave(context);
            return;
        }

        if (context.Request.Headers.IfNoneMatch == Tag())
        {
            await changed.WaitAsync(context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        context.Response.Headers.ETag = Tag();
        await context.Response.BodyWriter.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(Answer, ContractsJson.Default.HeadSamplingResponse));
    }

    private string Tag() => $"\"{_version}\"";
}

internal sealed record AskedRequest(string Url, string Authorization, string Known, string TraceParent);
