using System.Buffers.Binary;

namespace StellaOps.Telemetry.Tests.Shared.OpAmp;

/// <summary>One WebSocket frame.</summary>
/// <param name="Bytes">The whole frame, as it was on the wire.</param>
/// <param name="Payload">Without its mask.</param>
public sealed record WireFrame(byte[] Bytes, bool IsFinal, int Opcode, byte[] Payload)
{
    /// <summary>The status of a Close frame; 1005 when it has none.</summary>
    public int CloseStatus => Payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(Payload) : 1005;

    /// <summary>Null when the connection is over.</summary>
    public static async Task<WireFrame?> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var head = new byte[2];
        if (await stream.ReadAtLeastAsync(head, 2, throwOnEndOfStream: false, cancellationToken) < 2)
        {
            return null;
        }

        byte[] extended = (head[1] & 0x7F) switch
        {
            126 => await WireReader.ExactlyAsync(stream, sizeof(ushort), cancellationToken),
            127 => await WireReader.ExactlyAsync(stream, sizeof(ulong), cancellationToken),
            _ => [],
        };
        var length = extended.Length switch
        {
            sizeof(ushort) => BinaryPrimitives.ReadUInt16BigEndian(extended),
            sizeof(ulong) => checked((int)BinaryPrimitives.ReadUInt64BigEndian(extended)),
            _ => head[1] & 0x7F,
        };
        var mask = (head[1] & 0x80) != 0 ? await WireReader.ExactlyAsync(stream, 4, cancellationToken) : [];
        var body = await WireReader.ExactlyAsync(stream, length, cancellationToken);
        var payload = mask.Length == 0 ? body : [.. body.Select((b, i) => (byte)(b ^ mask[i % mask.Length]))];
        return new WireFrame([.. head, .. extended, .. mask, .. body], (head[0] & 0x80) != 0, head[0] & 0x0F, payload);
    }
}
