using System.Buffers.Text;
using System.Net.Sockets;

namespace StellaOps.Telemetry.Benchmarks.LoadGenerator.Wire;

/// <summary>OTLP/HTTP over HTTP/1.1, one request after the other.</summary>
internal sealed class HttpExchange(Uri target) : IExchange
{
    private readonly Socket _socket = Sockets.Connect(target);
    private readonly byte[] _input = new byte[64 * 1024];

    public Answer Exchange(PreparedRequest request)
    {
        _socket.SendAll(request.Bytes.AsSpan(0, request.Length));
        var (count, head) = (0, -1);
        while (head < 0)
        {
            count += Receive(count);
            head = _input.AsSpan(0, count).IndexOf("\r\n\r\n"u8);
        }

        var text = _input.AsSpan(0, head);
        var length = head + 4 + ContentLength(text);
        while (count < length)
        {
            count += Receive(count);
        }

        _ = Utf8Parser.TryParse(text["HTTP/1.1 ".Length..], out int status, out _);
        return status switch
        {
            200 => Answer.Acknowledged,
            429 or 502 or 503 or 504 => text.IndexOf("Retry-After:"u8) >= 0 ? Answer.RefusedWithDelay : Answer.Refused,
            _ => Answer.Failed,
        };
    }

    public void Dispose() => _socket.Dispose();

    private int Receive(int at)
    {
        var count = _socket.Receive(_input.AsSpan(at));
        return count > 0 ? count : throw new SocketException((int)SocketError.ConnectionReset);
    }

    private static int ContentLength(ReadOnlySpan<byte> head)
    {
        var name = "\r\nContent-Length: "u8;
        var at = head.IndexOf(name);
        return at >= 0 && Utf8Parser.TryParse(head[(at + name.Length)..], out int length, out _) ? length : 0;
    }
}
