using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Google.Protobuf;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.Tests.Shared.OpAmp;

namespace StellaOps.Telemetry.OpAmp.Tests;

/// <summary>A server that writes each byte itself, so that an agent can be told what no server's library would say.</summary>
internal sealed class WirePeer : IDisposable
{
    private readonly Channel<DuplexStream> _connections = Channel.CreateBounded<DuplexStream>(100);

    public WirePeer() => Http = new HttpMessageInvoker(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        ConnectCallback = async (_, token) =>
        {
            var (client, server) = DuplexStream.Pair();
            client.Written = Written;
            await _connections.Writer.WriteAsync(server, token);
            return client;
        },
    });

    public HttpMessageInvoker Http { get; }

    /// <summary>What the agent's writes return after, on connections from now on.</summary>
    public Func<ReadOnlyMemory<byte>, Task> Written { get; set; } = _ => Task.CompletedTask;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The agent's next connection, and the head of its first request.</summary>
    public async Task<(DuplexStream Stream, string Head)> AcceptAsync()
    {
        var stream = await _connections.Reader.ReadAsync(Token).AsTask().WaitAsync(RunningAgent.Patience, Token);
        return (stream, (await new ExchangeReader(stream, 1, isFromClient: true).NextAsync(Token))!.Head());
    }

    /// <summary>The first request of the agent's next connection.</summary>
    public async Task<ExchangeUnit?> AcceptRequestAsync() =>
        await new ExchangeReader(await _connections.Reader.ReadAsync(Token), 1, isFromClient: true).NextAsync(Token);

    /// <summary>The agent's next connection, with its handshake answered.</summary>
    public async Task<DuplexStream> AcceptWebSocketAsync()
    {
        var (stream, head) = await AcceptAsync();
        var key = head.Split("\r\n").Single(l => l.StartsWith("Sec-WebSocket-Key: ", StringComparison.OrdinalIgnoreCase))["Sec-WebSocket-Key: ".Length..];
        var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
        await AnswerAsync(stream, $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n");
        return stream;
    }

    public static async Task AnswerAsync(Stream stream, string text) => await stream.WriteAsync(Encoding.ASCII.GetBytes(text), Token);

    /// <summary>The agent's next message, which has to be one masked binary frame with header 0.</summary>
    public static async Task<AgentToServer> ReadAsync(Stream stream)
    {
        var frame = await ReadFrameAsync(stream);
        Assert.Equal((WireClient.Binary, true), (frame.Opcode, frame.IsFinal));
        Assert.NotEqual(0, frame.Bytes[1] & 0x80);
        Assert.Equal(0, frame.Payload[0]);
        return AgentToServer.Parser.ParseFrom(frame.Payload.AsSpan(1));
    }

    public static async Task<WireFrame> ReadFrameAsync(Stream stream) =>
        await WireFrame.ReadAsync(stream, Token).WaitAsync(RunningAgent.Patience, Token) ?? throw new EndOfStreamException("the agent ended the connection");

    public static Task SendAsync(Stream stream, ServerToAgent message) => SendAsync(stream, WireClient.Binary, [0, .. message.ToByteArray()]);

    /// <summary>A server's frame: not masked.</summary>
    public static async Task SendAsync(Stream stream, int opcode, byte[] payload)
    {
        byte[] length = payload.Length < 126 ? [(byte)payload.Length] : [126, (byte)(payload.Length >> 8), (byte)payload.Length];
        await stream.WriteAsync((byte[])[(byte)(0x80 | opcode), .. length, .. payload], Token);
    }

    public void Dispose() => Http.Dispose();
}
