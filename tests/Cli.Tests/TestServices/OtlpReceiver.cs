using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Replays;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Otlp;
using StellaOps.Telemetry.Tests.Shared.Hosting;

namespace StellaOps.Telemetry.Cli.Tests.TestServices;

/// <summary>An OTLP/HTTP receiver that follows a script; unless it is foreign it says replay marks back, as a gateway does.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private RunningService _service = null!;

    /// <summary>Statuses to answer first; then 200.</summary>
    public Queue<int> Refusals { get; } = new();

    /// <summary>Knows nothing of replays.</summary>
    public bool IsForeign { get; init; }

    /// <summary>Records to reject of each batch.</summary>
    public byte Rejected { get; set; }

    public ConcurrentQueue<(string Path, string Mark, string Token, int Records)> Requests { get; } = [];

    /// <summary>Spans that it says to have of any replay, as a gateway's own API does; null: it knows of none.</summary>
    public long? Counted { get; set; }

    public string Url => _service.Url.ToString();

    /// <summary>Requests with records: without the one that asks whether the endpoint is a gateway.</summary>
    public IReadOnlyList<(string Path, string Mark, string Token, int Records)> Batches => [.. Requests.Where(r => r.Records > 0)];

    public static async Task<OtlpReceiver> StartAsync(bool isForeign = false, X509Certificate2? certificate = null)
    {
        var receiver = new OtlpReceiver { IsForeign = isForeign };
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        if (certificate is not null)
        {
            builder.WebHost.UseKestrelHttpsConfiguration().UseUrls("https://127.0.0.1:0").ConfigureKestrel(k => k.ConfigureHttpsDefaults(h => h.ServerCertificate = certificate));
        }

        var app = builder.Build();
        app.MapPost("/v1/{signal}", (Delegate)receiver.ReceiveAsync);
        app.MapGet("/api/v1/gateways/self/replays/{id}", (Delegate)receiver.CountReplay);
        receiver._service = await RunningService.StartAsync(app);
        return receiver;
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    private IResult CountReplay(string id) => Counted is { } records
        ? TypedResults.Json(
            new ReplayResponse("gw-1", TenantId.Parse("sealed"), id, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, Batches.Count, 0, [new ReplaySignalResponse(Signal.Traces, 1, records)]),
            ContractsJson.Default.ReplayResponse)
        : TypedResults.NotFound();

    private async Task<IResult> ReceiveAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        Requests.Enqueue((http.Request.Path, http.Request.Headers[KnownHeaders.Replay].ToString(), http.Request.Headers.Authorization.ToString(), Count(body.ToArray())));
        if (Refusals.TryDequeue(out var status))
        {
            return TypedResults.StatusCode(status);
        }

        if (!IsForeign)
        {
            http.Response.Headers[KnownHeaders.Replay] = http.Request.Headers[KnownHeaders.Replay];
        }

        // partial_success { rejected_spans, error_message "no" }
        return TypedResults.Bytes(Rejected == 0 || body.Length == 0 ? [] : [0x0A, 6, 0x08, Rejected, 0x12, 2, (byte)'n', (byte)'o'], "application/x-protobuf");
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
