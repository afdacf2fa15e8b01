using System.Buffers;
using System.Text;
using System.Text.Json;
using StellaOps.Telemetry.Otlp.Fields;
using StellaOps.Telemetry.Otlp.Wire;

namespace StellaOps.Telemetry.Otlp;

/// <summary>
/// The answers of an OTLP receiver: ExportXServiceResponse, and the google.rpc.Status body of a refused HTTP request
/// (https://opentelemetry.io/docs/specs/otlp/#full-success, #partial-success, #failures).
/// </summary>
public static class OtlpAnswer
{
    /// <summary>Protobuf body of a full success: an empty message.</summary>
    public static ReadOnlySpan<byte> SuccessProtobuf => default;

    /// <summary>JSON body of a full success.</summary>
    public static ReadOnlySpan<byte> SuccessJson => "{}"u8;

    /// <summary>Protobuf body of a partial success; with nothing rejected and a message it is a warning.</summary>
    public static byte[] PartialSuccessProtobuf(long rejected, string message)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rejected);
        var text = Encoding.UTF8.GetBytes(message);
        var length = (rejected == 0 ? 0 : WireSize.Tag(CollectorFields.PartialSuccess.Rejected) + WireSize.Varint((ulong)rejected))
            + (text.Length == 0 ? 0 : WireSize.LengthDelimited(CollectorFields.PartialSuccess.ErrorMessage, text.Length));
        var body = new byte[WireSize.LengthDelimited(CollectorFields.ExportResponse.PartialSuccess, length)];
        var writer = new WireWriter(body);
        writer.WriteHeader(CollectorFields.ExportResponse.PartialSuccess, length);
        if (rejected != 0)
        {
            writer.WriteField(CollectorFields.PartialSuccess.Rejected, (ulong)rejected);
        }

        if (text.Length != 0)
        {
            writer.WriteField(CollectorFields.PartialSuccess.ErrorMessage, text);
        }

        return body;
    }

    /// <summary>JSON body of a partial success.</summary>
    public static byte[] PartialSuccessJson(OtlpSignal signal, long rejected, string message)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rejected);
        return WriteJson(json =>
        {
            json.WriteStartObject("partialSuccess"u8);
            if (rejected != 0)
            {
                // int64 is a string in protobuf's JSON.
                json.WriteString(RejectedKey(signal), rejected.ToString(System.Globalization.CultureInfo.InvariantCulture));
            }

            if (message.Length != 0)
            {
                json.WriteString("errorMessage"u8, message);
            }

            json.WriteEndObject();
        });
    }

    /// <summary>Protobuf body of a failure: google.rpc.Status.</summary>
    /// <param name="grpcCode">The gRPC status code that says the same.</param>
    public static byte[] StatusProtobuf(int grpcCode, string message)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(grpcCode);
        var text = Encoding.UTF8.GetBytes(message);
        var body = new byte[WireSize.Tag(CollectorFields.RpcStatus.Code) + WireSize.Varint((ulong)grpcCode) + WireSize.LengthDelimited(CollectorFields.RpcStatus.Message, text.Length)];
        var writer = new WireWriter(body);
        writer.WriteField(CollectorFields.RpcStatus.Code, (ulong)grpcCode);
        writer.WriteField(CollectorFields.RpcStatus.Message, text);
        return body;
    }

    /// <summary>JSON body of a failure: google.rpc.Status.</summary>
    /// <param name="grpcCode">The gRPC status code that says the same.</param>
    public static byte[] StatusJson(int grpcCode, string message) => WriteJson(json =>
    {
        json.WriteNumber("code"u8, grpcCode);
        json.WriteString("message"u8, message);
    });

    /// <summary>How many records the store rejected, from a protobuf response; false when it is malformed.</summary>
    public static bool TryReadPartialSuccess(ReadOnlySpan<byte> response, out long rejected, out string message)
    {
        rejected = 0;
        message = "";
        var outer = new WireReader(response);
        while (outer.TryReadField())
        {
            if (outer.FieldNumber != CollectorFields.ExportResponse.PartialSuccess || outer.WireType != WireType.LengthDelimited)
            {
                continue;
            }

            var inner = new WireReader(outer.Content);
            while (inner.TryReadField())
            {
                if (inner.FieldNumber == CollectorFields.PartialSuccess.Rejected && inner.WireType == WireType.Varint)
                {
                    rejected = (long)inner.Value;
                }
                else if (inner.FieldNumber == CollectorFields.PartialSuccess.ErrorMessage && inner.WireType == WireType.LengthDelimited)
                {
                    message = Encoding.UTF8.GetString(inner.Content);
                }
            }

            if (inner.IsMalformed)
            {
                return false;
            }
        }

        return !outer.IsMalformed;
    }

    private static string RejectedKey(OtlpSignal signal) => signal switch
    {
        OtlpSignal.Traces => "rejectedSpans",
        OtlpSignal.Metrics => "rejectedDataPoints",
        _ => "rejectedLogRecords",
    };

    private static byte[] WriteJson(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
