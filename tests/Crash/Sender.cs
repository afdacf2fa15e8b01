using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.Crash;

/// <summary>One tenant's sender of one signal, over gRPC or HTTP. What is not acknowledged is not sent again: nobody promised anything.</summary>
internal sealed class Sender(Account account, Uri url, bool grpc, Signal signal, string token, Random random) : IDisposable
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);
    private readonly HttpClient _http = new() { BaseAddress = url, Timeout = s_timeout };

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var count = random.Next(1, 40);
            var first = account.Next(count);
            var isTaken = await TryAsync(OutgoingBatch.Of(signal, first, count), stop);
            if (isTaken)
            {
                account.Acknowledged(first, count);
            }

            await Task.Delay(isTaken ? random.Next(5, 40) : 50, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<bool> TryAsync(byte[] request, CancellationToken stop)
    {
        using var message = grpc ? Grpc(request) : Http(request);
        message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            // The process is killed while this waits: the answer counts when it came whole.
            using var response = await _http.SendAsync(message, stop);
            return response.StatusCode == HttpStatusCode.OK
                && (!grpc || (response.TrailingHeaders.TryGetValues("grpc-status", out var status) && status.Single() == "0"));
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            return false;
        }
    }

    private HttpRequestMessage Http(byte[] request)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, $"/v1/{signal.ToName()}") { Content = new ByteArrayContent(request) };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        return message;
    }

    private HttpRequestMessage Grpc(byte[] request)
    {
        var framed = new byte[5 + request.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), request.Length);
        request.CopyTo(framed, 5);
        var service = signal switch
        {
            Signal.Traces => "opentelemetry.proto.collector.trace.v1.TraceService",
            Signal.Metrics => "opentelemetry.proto.collector.metrics.v1.MetricsService",
            _ => "opentelemetry.proto.collector.logs.v1.LogsService",
        };
        var message = new HttpRequestMessage(HttpMethod.Post, $"/{service}/Export")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(framed),
        };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        message.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        return message;
    }
}
