using System.Globalization;
using System.Text;

namespace StellaOps.Telemetry.Tests.Shared.OpAmp;

/// <summary>Cuts what one side sends into units.</summary>
public sealed class ExchangeReader(Stream stream, int connection, bool isFromClient)
{
    /// <summary>Whether the handshake is over; the other side's reader has to be told.</summary>
    public bool IsWebSocket { get; set; }

    /// <summary>The next unit; null when the connection is over.</summary>
    public async Task<ExchangeUnit?> NextAsync(CancellationToken cancellationToken)
    {
        if (IsWebSocket)
        {
            return await WireFrame.ReadAsync(stream, cancellationToken) is { } frame ? new ExchangeUnit(connection, isFromClient, frame.Bytes) : null;
        }

        var head = await WireReader.HeadAsync(stream, cancellationToken);
        if (head.Length == 0)
        {
            return null;
        }

        var text = Encoding.ASCII.GetString(head);
        IsWebSocket = text.StartsWith("HTTP/1.1 101", StringComparison.Ordinal);
        var length = text.Split("\r\n").FirstOrDefault(l => l.StartsWith("content-length:", StringComparison.OrdinalIgnoreCase));
        var body = length is null ? [] : await WireReader.ExactlyAsync(stream, int.Parse(length.AsSpan("content-length:".Length), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture), cancellationToken);
        return new ExchangeUnit(connection, isFromClient, [.. head, .. body]);
    }
}
