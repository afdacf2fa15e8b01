using StellaOps.Telemetry.Otlp.Wire;

namespace StellaOps.Telemetry.IngestGateway.Exporters;

/// <summary>
/// The delay in a <c>grpc-status-details-bin</c>, base64 of
/// <c>google.rpc.Status { details = 3: Any { type_url = 1, value = 2: RetryInfo { retry_delay = 1: Duration { seconds = 1, nanos = 2 } } } }</c>.
/// </summary>
internal static class GrpcRetryInfo
{
    private const int MaxLength = 16 * 1024;
    private const int MaxSeconds = 24 * 3600;

    /// <summary>Null when there is none that can be read.</summary>
    public static TimeSpan? DelayOf(string details)
    {
        if (details.Length > MaxLength)
        {
            return null;
        }

        // Unpadded by the specification of gRPC, padded by some.
        var padded = details.PadRight((details.Length + 3) / 4 * 4, '=');
        var bytes = new byte[padded.Length];
        return Convert.TryFromBase64String(padded, bytes, out var length) ? InStatus(bytes.AsSpan(0, length)) : null;
    }

    private static TimeSpan? InStatus(ReadOnlySpan<byte> message)
    {
        var status = new WireReader(message);
        while (status.TryReadField())
        {
            if (status.FieldNumber == 3 && status.WireType == WireType.LengthDelimited && InAny(status.Content) is { } delay)
            {
                return delay;
            }
        }

        return null;
    }

    private static TimeSpan? InAny(ReadOnlySpan<byte> message)
    {
        ReadOnlySpan<byte> value = default;
        var isRetryInfo = false;
        var any = new WireReader(message);
        while (any.TryReadField())
        {
            if (any.WireType != WireType.LengthDelimited)
            {
                continue;
            }

            if (any.FieldNumber == 1)
            {
                isRetryInfo = any.Content.EndsWith("google.rpc.RetryInfo"u8);
            }
            else if (any.FieldNumber == 2)
            {
                value = any.Content;
            }
        }

        var info = new WireReader(value);
        return isRetryInfo && info.TryReadField() && info is { FieldNumber: 1, WireType: WireType.LengthDelimited } ? OfDuration(info.Content) : null;
    }

    private static TimeSpan OfDuration(ReadOnlySpan<byte> message)
    {
        var delay = TimeSpan.Zero;
        var duration = new WireReader(message);
        while (duration.TryReadField())
        {
            if (duration.WireType == WireType.Varint)
            {
                delay += duration.FieldNumber == 1
                    ? TimeSpan.FromSeconds(Math.Clamp((long)duration.Value, 0, MaxSeconds))
                    : TimeSpan.FromTicks(Math.Clamp((long)duration.Value, 0, 999_999_999) / 100);
            }
        }

        return delay;
    }
}
