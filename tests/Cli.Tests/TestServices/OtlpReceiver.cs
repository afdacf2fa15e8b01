using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Otlp;
using StellaOps.Telemetry.Tests.Shared.Hosting;

namespace StellaOps.Telemetry.Cli.Tests.TestServices;

/// <summary>An OTLP/HTTP receiver that follows a script.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private RunningService _service = null!;

    /// <summary>Statuses to answer first; then 200.</summary>
    public Queue<int> Refusals { get; } = new();

    /// <summary>Records to reject of each batch.</summary>
    public byte Rejected { get; set; }

    public ConcurrentQueue<(string Path, string Mark, string Token, int Records)> Requests { get; } = [];

    public string Url => _service.Url.ToString();

    public static async Task<OtlpReceiver> StartAsync()
    {
        var receiver = new OtlpReceiver();
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapPost("/v1/{signal}", (Delegate)receiver.ReceiveAsync);
        receiver._service = await RunningService.StartAsync(app);
        return receiver;
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    private async Task<IResult> ReceiveAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        Requests.Enqueue((http.Request.Path, http.Request.Headers[KnownHeaders.Replay].ToString(), http.Request.Headers.Authorization.ToString(), Count(body.ToArray())));
        if (Refusals.TryDequeue(out var status))
        {
            return TypedResults.StatusCode(status);
        }

        // partial_success { rejected_spans, error_message "no" }
        return TypedResults.Bytes(Rejected == 0 ? [] : [0x0A, 6, 0x08, Rejected, 0x12, 2, (byte)'n', (byte)'o'], "application/x-protobuf");
    }

    private static int Count(byte[] request)
    {
        var reader = new RecordReader(OtlpSignal.Traces, request);
        var count = 0;
        while (reader.TryRead(out _))
        {
            count++;
        }

        return count;
    }
}
