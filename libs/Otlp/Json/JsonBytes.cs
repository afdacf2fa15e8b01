using System.Buffers;
using System.Buffers.Text;

namespace StellaOps.Telemetry.Otlp.Json;

/// <summary>Bytes in protobuf's JSON: base64, standard or url-safe, padded or not.</summary>
internal static class JsonBytes
{
    /// <summary>Decodes the first bytes of a buffer, which is changed and has room for the padding.</summary>
    public static bool TryFromBase64(byte[] buffer, int length, Span<byte> destination, out int written)
    {
        var text = buffer.AsSpan();
        text[..length].Replace((byte)'-', (byte)'+');
        text[..length].Replace((byte)'_', (byte)'/');
        while (length % 4 != 0)
        {
            text[length++] = (byte)'=';
        }

        return Base64.DecodeFromUtf8(text[..length], destination, out _, out written) == OperationStatus.Done;
    }
}
