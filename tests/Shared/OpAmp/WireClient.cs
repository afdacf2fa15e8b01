using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;
using StellaOps.Telemetry.OpAmp;
using StellaOps.Telemetry.OpAmp.Model;
using Xunit;

namespace StellaOps.Telemetry.Tests.Shared.OpAmp;

/// <summary>A WebSocket client that writes each byte itself (RFC 6455), so that a test can also say what a client's library never would.</summary>
public sealed class WireClient(Stream stream) : IDisposable
{
    public const int Text = 1;
    public const int Binary = 2;
    public const int Close = 8;
    public const int Ping = 9;
    public const int Pong = 10;

    private static readonly byte[] s_mask = [0x37, 0xFA, 0x21, 0x3D];

    /// <summary>The handshake's request.</summary>
    public static byte[] Handshake { get; } = Encoding.ASCII.GetBytes(
        $"GET {KnownOpAmp.Path} HTTP/1.1\r\nHost: opamp.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");

    public static async Task<WireClient> OpenAsync(Stream stream, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(Handshake, cancellationToken);
        var head = Encoding.ASCII.GetString(await WireReader.HeadAsync(stream, cancellationToken));
        Assert.StartsWith("HTTP/1.1 101 ", head, StringComparison.Ordinal);
        return new WireClient(stream);
    }

    public Task SendAsync(int opcode, ReadOnlySpan<byte> payload, bool isFinal = true, CancellationToken cancellationToken = default) =>
        SendRawAsync(Frame(opcode, payload, isFinal), cancellationToken);

    public async Task SendRawAsync(byte[] bytes, CancellationToken cancellationToken) => await stream.WriteAsync(bytes, cancellationToken);

    public Task SendAsync(AgentToServer message, CancellationToken cancellationToken) => SendAsync(Binary, [0, .. message.ToByteArray()], cancellationToken: cancellationToken);

    public Task SendCloseAsync(int status, CancellationToken cancellationToken) => SendAsync(Close, [(byte)(status >> 8), (byte)status], cancellationToken: cancellationToken);

    /// <summary>The next frame; null when the connection is over.</summary>
    public Task<WireFrame?> ReadAsync(CancellationToken cancellationToken) => WireFrame.ReadAsync(stream, cancellationToken);

    /// <summary>The next message, which has to be one binary frame with header 0.</summary>
    public async Task<ServerToAgent> ReadMessageAsync(CancellationToken cancellationToken)
    {
        var frame = await ReadAsync(cancellationToken);
        Assert.NotNull(frame);
        Assert.Equal((Binary, true), (frame.Opcode, frame.IsFinal));
        Assert.Equal(0, frame.Payload[0]);
        return ServerToAgent.Parser.ParseFrom(frame.Payload.AsSpan(1));
    }

    public async Task<ServerToAgent> ExchangeAsync(AgentToServer message, CancellationToken cancellationToken)
    {
        await SendAsync(message, cancellationToken);
        return await ReadMessageAsync(cancellationToken);
    }

    public void Dispose() => stream.Dispose();

    /// <summary>A client's frame: masked, as it must be.</summary>
    public static byte[] Frame(int opcode, ReadOnlySpan<byte> payload, bool isFinal = true)
    {
        var first = (byte)((isFinal ? 0x80 : 0) | opcode);
        byte[] head = payload.Length switch
        {
            < 126 => [first, (byte)(0x80 | payload.Length)],
            <= ushort.MaxValue => [first, 0x80 | 126, (byte)(payload.Length >> 8), (byte)payload.Length],
            _ => [first, 0x80 | 127, .. Long(payload.Length)],
        };
        var frame = new byte[head.Length + s_mask.Length + payload.Length];
        head.CopyTo(frame, 0);
        s_mask.CopyTo(frame, head.Length);
        for (var i = 0; i < payload.Length; i++)
        {
            frame[head.Length + s_mask.Length + i] = (byte)(payload[i] ^ s_mask[i % s_mask.Length]);
        }

        return frame;
    }

    private static byte[] Long(int length)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, length);
        return bytes;
    }
}
