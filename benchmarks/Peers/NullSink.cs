using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace StellaOps.Telemetry.Benchmarks.Peers;

/// <summary>Takes whatever OTLP comes, uncompressed, counts its records and forgets it.</summary>
internal static class NullSink
{
    private const int GrpcPrefix = 5;

    private static readonly long[] s_records = new long[3];
    private static long s_requests;

    public static Task<int> RunAsync(Uri url)
    {
        var grpc = Peer.EndPointOf(url);
        return Peer.RunAsync(HandleAsync, Report, isTuned: true, (grpc, HttpProtocols.Http2), (new IPEndPoint(grpc.Address, grpc.Port + 1), HttpProtocols.Http1));
    }

    private static string Report() => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"traces":{{Interlocked.Read(ref s_records[0])}},"metrics":{{Interlocked.Read(ref s_records[1])}},"logs":{{Interlocked.Read(ref s_records[2])}},"requests":{{Interlocked.Read(ref s_requests)}}}""");

    private static async Task HandleAsync(HttpContext context)
    {
        var isGrpc = context.Request.Protocol == HttpProtocol.Http2;
        var path = context.Request.Path.Value!;
        var signal = path.Contains("race", StringComparison.Ordinal) ? 0 : path.Contains("etrics", StringComparison.Ordinal) ? 1 : 2;
        var counter = new RecordCounter(signal == 1, isGrpc ? GrpcPrefix : 0);
        var reader = context.Request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync();
            foreach (var segment in result.Buffer)
            {
                counter.Feed(segment.Span);
            }

            reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                break;
            }
        }

        if (!counter.IsWhole)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        Interlocked.Add(ref s_records[signal], counter.Records);
        Interlocked.Increment(ref s_requests);
        Answer(context.Response, isGrpc);
    }

    private static void Answer(HttpResponse response, bool isGrpc)
    {
        if (isGrpc)
        {
            response.ContentType = "application/grpc";
            response.AppendTrailer("grpc-status", "0");
            var prefix = response.BodyWriter.GetSpan(GrpcPrefix);
            prefix[..GrpcPrefix].Clear();
            response.BodyWriter.Advance(GrpcPrefix);
        }
        else
        {
            response.ContentType = "application/x-protobuf";
            response.ContentLength = 0;
        }
    }
}
