using System.Buffers;
using System.Globalization;
using StellaOps.Telemetry.IngestGateway.Admission;

namespace StellaOps.Telemetry.IngestGateway.Listeners;

/// <summary>Answers of OTLP/HTTP, in the media type of the request.</summary>
internal static class HttpAnswer
{
    public const string Protobuf = "application/x-protobuf";
    public const string Json = "application/json";

    /// <summary>An Export response without partial success: empty as protobuf, <c>{}</c> as JSON.</summary>
    public static void Accept(HttpResponse response, bool json)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = json ? Json : Protobuf;
        response.ContentLength = json ? 2 : 0;
        if (json)
        {
            response.BodyWriter.Write("{}"u8);
        }
    }

    public static void Refuse(HttpResponse response, IngestAnswer answer, bool json)
    {
        response.StatusCode = answer.HttpStatus;
        response.ContentType = json ? Json : Protobuf;
        if (answer.RetryAfter > TimeSpan.Zero)
        {
            // Whole seconds, rounded up: who comes too early is refused again.
            response.Headers.RetryAfter = Math.Ceiling(answer.RetryAfter.TotalSeconds).ToString("F0", CultureInfo.InvariantCulture);
        }

        if (answer.HttpStatus == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        var body = new ArrayBufferWriter<byte>();
        if (json)
        {
            RpcStatus.WriteJson(body, answer);
        }
        else
        {
            RpcStatus.Write(body, answer, withRetryInfo: answer.RetryAfter > TimeSpan.Zero);
        }

        response.ContentLength = body.WrittenCount;
        response.BodyWriter.Write(body.WrittenSpan);
    }
}
