using System.IO.Compression;
using System.Text;

namespace StellaOps.Telemetry.Tests.Shared.OpAmp;

/// <summary>What one side says at once: a request or an answer of HTTP/1.1, or, after a handshake, a WebSocket frame.</summary>
public sealed record ExchangeUnit(int Connection, bool IsFromClient, byte[] Bytes)
{
    private static readonly string[] s_volatile = ["Date:", "Content-Length:", "Sec-WebSocket-Accept:"];

    private int HeadLength => Bytes.AsSpan().IndexOf("\r\n\r\n"u8) + 4;

    /// <summary>The frame; null for HTTP. No frame begins as HTTP does: these letters would be opcodes that there are not.</summary>
    public WireFrame? AsFrame()
    {
        if (Bytes.AsSpan().StartsWith("HTTP/"u8) || Bytes.AsSpan().StartsWith("POST "u8) || Bytes.AsSpan().StartsWith("GET "u8))
        {
            return null;
        }

        // Over memory it completes at once.
        var read = WireFrame.ReadAsync(new MemoryStream(Bytes), CancellationToken.None);
        return read.IsCompletedSuccessfully ? read.GetAwaiter().GetResult() : throw new InvalidDataException("not a frame");
    }

    /// <summary>An answer's or a request's head, without what differs from run to run: the time, how well the body was compressed, what answers the nonce of a handshake.</summary>
    public string Head() => string.Join(
        "\r\n",
        Encoding.ASCII.GetString(Bytes, 0, HeadLength).Split("\r\n").Where(l => !s_volatile.Any(v => l.StartsWith(v, StringComparison.OrdinalIgnoreCase))));

    /// <summary>The body, decompressed.</summary>
    public byte[] Body()
    {
        var body = Bytes[HeadLength..];
        if (!Head().Contains("content-encoding: gzip", StringComparison.OrdinalIgnoreCase))
        {
            return body;
        }

        using var plain = new MemoryStream();
        using var gzip = new GZipStream(new MemoryStream(body), CompressionMode.Decompress);
        gzip.CopyTo(plain);
        return plain.ToArray();
    }
}
