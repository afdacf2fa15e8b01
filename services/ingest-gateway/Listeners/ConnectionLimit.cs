using Microsoft.AspNetCore.Connections;

namespace StellaOps.Telemetry.IngestGateway.Listeners;

/// <summary>
/// Bounds the connections of senders. The server's own limit would count the API's too, so that senders could lock probes and scrapers out.
/// </summary>
internal sealed class ConnectionLimit(int max)
{
    private int _open;

    public int Open => Volatile.Read(ref _open);

    /// <summary>As connection middleware: ahead of TLS, whose handshake is what costs.</summary>
    public ConnectionDelegate Wrap(ConnectionDelegate next) => async connection =>
    {
        try
        {
            if (Interlocked.Increment(ref _open) <= max)
            {
                await next(connection);
            }
            else
            {
                connection.Abort(new ConnectionAbortedException("too many connections"));
            }
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    };
}
