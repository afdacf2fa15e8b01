using System.Buffers;
using System.Text;
using System.Text.Json;
using StellaOps.Telemetry.IngestGateway.Admission;

namespace StellaOps.Telemetry.IngestGateway.Listeners;

/// <summary>
/// <c>google.rpc.Status</c>, written by hand: <c>int32 code = 1; string message = 2; repeated google.protobuf.Any details = 3;</c> with
/// <c>Any { string type_url = 1; bytes value = 2; }</c>, <c>RetryInfo { Duration retry_delay = 1; }</c> and <c>Duration { int64 seconds = 1; int32 nanos = 2; }</c>.
/// Every length here is below 128, so each is one byte; <see cref="WriteField"/> refuses anything longer.
/// </summary>
internal static class RpcStatus
{
    private static ReadOnlySpan<byte> RetryInfoType => "type.googleapis.com/google.rpc.RetryInfo"u8;

    public static void Write(IBufferWriter<byte> output, IngestAnswer answer, bool withRetryInfo)
    {
        ReadOnlySpan<byte> code = [0x08, (byte)answer.GrpcStatus];
        output.Write(code);
        WriteField(output, 0x12, Encoding.UTF8.GetBytes(answer.Message));
        if (withRetryInfo)
        {
            var any = new ArrayBufferWriter<byte>();
            WriteField(any, 0x0A, RetryInfoType);
            var info = new ArrayBufferWriter<byte>();
            WriteField(info, 0x0A, DurationOf(answer.RetryAfter));
            WriteField(any, 0x12, info.WrittenSpan);
            WriteField(output, 0x1A, any.WrittenSpan);
        }
    }

    public static void WriteJson(IBufferWriter<byte> output, IngestAnswer answer)
    {
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteNumber("code"u8, answer.GrpcStatus);
        json.WriteString("message"u8, answer.Message);
        json.WriteEndObject();
    }

    private static byte[] DurationOf(TimeSpan wait)
    {
        var duration = new List<byte>(16);
        AddVarint(duration, 0x08, (ulong)(wait.Ticks / TimeSpan.TicksPerSecond));
        AddVarint(duration, 0x10, (ulong)(wait.Ticks % TimeSpan.TicksPerSecond * 100));
        return [.. duration];
    }

    /// <summary>Nothing for 0, the default.</summary>
    private static void AddVarint(List<byte> output, byte tag, ulong value)
    {
        if (value == 0)
        {
            return;
        }

        output.Add(tag);
        for (; value >= 0x80; value >>= 7)
        {
            output.Add((byte)(value | 0x80));
        }

        output.Add((byte)value);
    }

    private static void WriteField(IBufferWriter<byte> output, byte tag, ReadOnlySpan<byte> content)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(content.Length, 127);
        ReadOnlySpan<byte> head = [tag, (byte)content.Length];
        output.Write(head);
        output.Write(content);
    }
}
