using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Primitives;
using StellaOps.Telemetry.IngestGateway.Admission;

namespace StellaOps.Telemetry.IngestGateway.Listeners;

/// <summary>Answers of a unary gRPC call (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md).</summary>
internal static class GrpcAnswer
{
    private const string ContentType = "application/grpc";
    private const string StatusHeader = "grpc-status";

    private static readonly StringValues s_ok = "0";

    /// <summary>An empty Export response: no partial success, since a request is taken whole or not at all.</summary>
    public static void Accept(HttpResponse response)
    {
        response.ContentType = ContentType;
        response.AppendTrailer(StatusHeader, s_ok);
        response.BodyWriter.Write("\0\0\0\0\0"u8);
    }

    /// <summary>A message, uncompressed.</summary>
    public static void Answer(HttpResponse response, ReadOnlySpan<byte> message)
    {
        response.ContentType = ContentType;
        response.AppendTrailer(StatusHeader, s_ok);
        Span<byte> prefix = [0, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(prefix[1..], message.Length);
        response.BodyWriter.Write(prefix);
        response.BodyWriter.Write(message);
    }

    /// <summary>Trailers only: the status stands in the one block of headers.</summary>
    public static void Refuse(HttpResponse response, IngestAnswer answer)
    {
        var headers = response.Headers;
        response.ContentType = ContentType;
        headers[StatusHeader] = answer.GrpcStatus.ToString(CultureInfo.InvariantCulture);
        headers["grpc-message"] = PercentEncode(answer.Message);
        if (answer.GrpcStatus == 12)
        {
            headers["grpc-accept-encoding"] = "identity,gzip,zstd";
        }

        if (answer.RetryAfter > TimeSpan.Zero)
        {
            var details = new ArrayBufferWriter<byte>();
            RpcStatus.Write(details, answer, withRetryInfo: true);
            headers["grpc-status-details-bin"] = Convert.ToBase64String(details.WrittenSpan).TrimEnd('=');
        }
    }

    /// <summary>Our messages are ASCII; the rule is kept for the day when one is not.</summary>
    private static string PercentEncode(string message)
    {
        if (message.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0 && !message.Contains('%'))
        {
            return message;
        }

        var encoded = new StringBuilder();
        foreach (var b in Encoding.UTF8.GetBytes(message))
        {
            _ = b is >= 0x20 and <= 0x7E and not (byte)'%' ? encoded.Append((char)b) : encoded.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
        }

        return encoded.ToString();
    }
}
