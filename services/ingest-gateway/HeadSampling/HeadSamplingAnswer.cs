using System.Buffers;
using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Sampling;
using StellaOps.Telemetry.IngestGateway.Listeners;

namespace StellaOps.Telemetry.IngestGateway.HeadSampling;

/// <summary>Answers to those who ask what to begin.</summary>
internal static class HeadSamplingAnswer
{
    public static void Jaeger(HttpResponse response, HeadStrategy strategy) => Write(
        response, JsonSerializer.SerializeToUtf8Bytes(JaegerSamplingResponse.Of(strategy.Content.SamplingRate), ContractsJson.Default.JaegerSamplingResponse));

    public static void Changed(HttpResponse response, HeadStrategy strategy)
    {
        response.Headers.ETag = strategy.ETag;
        Write(response, strategy.Body);
    }

    public static void Unchanged(HttpResponse response, HeadStrategy strategy)
    {
        response.StatusCode = StatusCodes.Status304NotModified;
        response.Headers.ETag = strategy.ETag;
    }

    private static void Write(HttpResponse response, byte[] body)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = HttpAnswer.Json;
        response.ContentLength = body.Length;

        // A proxy that answered from its store would keep an incident from whoever asks.
        response.Headers.CacheControl = "no-store";
        response.BodyWriter.Write(body);
    }
}
