using System.Net;
using System.Net.Sockets;
using System.Text;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;

/// <summary>HTTP/1.1 byte by byte: what no client library would send.</summary>
internal sealed class RawHttp : IAsyncDisposable
{
    private readonly TcpClient _tcp = new() { NoDelay = true };
    private readonly StringBuilder _received = new();
    private readonly byte[] _buffer = new byte[16 * 1024];

    public static async Task<RawHttp> ConnectAsync(Uri url)
    {
        var raw = new RawHttp();
        await raw._tcp.ConnectAsync(IPAddress.Loopback, url.Port);
        return raw;
    }

    public async Task SendAsync(string text) => await SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(byte[] bytes) => await _tcp.GetStream().WriteAsync(bytes);

    /// <summary>The status of the next answer; 0 when the connection ends instead.</summary>
    public async Task<int> StatusAsync(TimeSpan patience)
    {
        var headers = await HeadersAsync(patience);
        return headers.Length == 0 ? 0 : int.Parse(headers.AsSpan(9, 3), null);
    }

    /// <summary>The next answer's headers, without its body; empty when the connection ends instead.</summary>
    public async Task<string> HeadersAsync(TimeSpan patience)
    {
        using var timeout = new CancellationTokenSource(patience);
        while (true)
        {
            var text = _received.ToString();
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end > 0)
            {
                _received.Clear();
                return text[..end];
            }

            try
            {
                var read = await _tcp.GetStream().ReadAsync(_buffer, timeout.Token);
                if (read == 0)
                {
                    return "";
                }

                _received.Append(Encoding.Latin1.GetString(_buffer, 0, read));
            }
            catch (IOException)
            {
                return "";
            }
        }
    }

    /// <summary>Everything until the gateway ends the connection or says nothing for so long.</summary>
    public async Task<string> AllAsync(TimeSpan silence)
    {
        try
        {
            while (true)
            {
                using var timeout = new CancellationTokenSource(silence);
                var read = await _tcp.GetStream().ReadAsync(_buffer, timeout.Token);
                if (read == 0)
                {
                    break;
                }

                _received.Append(Encoding.Latin1.GetString(_buffer, 0, read));
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // Ended, or done.
        }

        return _received.ToString();
    }

    public ValueTask DisposeAsync()
    {
        _tcp.Dispose();
        return ValueTask.CompletedTask;
    }
}
