using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace StellaOps.Telemetry.OpAmp.Server;

/// <summary>
/// Opens WebSocket connections and counts them. Compression of frames is not offered: it costs a window per connection, and a message would
/// have to be judged before and after it.
/// </summary>
internal sealed partial class WebSocketTransport(MessageDesk desk, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private int _open;

    public async Task HandleAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.Headers.Upgrade = "websocket";
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            return;
        }

        if (Interlocked.Increment(ref _open) > desk.Options.MaxConnections || lifetime.ApplicationStopping.IsCancellationRequested)
        {
            Interlocked.Decrement(ref _open);
            LogTooMany(desk.Logger, desk.Options.MaxConnections);
            context.Response.Headers.RetryAfter = Math.Ceiling(desk.Options.RetryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        desk.Instruments.OnOpened();
        try
        {
            var socket = await context.WebSockets.AcceptWebSocketAsync().ConfigureAwait(false);
            using var connection = new WebSocketOpAmpConnection(socket, context.User, desk, time);
            await RunAsync(context, connection).ConfigureAwait(false);
        }
        finally
        {
            desk.Instruments.OnClosed();
            Interlocked.Decrement(ref _open);
        }
    }

    private async Task RunAsync(HttpContext context, WebSocketOpAmpConnection connection)
    {
        await using var stopping = lifetime.ApplicationStopping.Register(connection.GoAway).ConfigureAwait(false);
        try
        {
            var reason = await connection.RunAsync(context.RequestAborted).ConfigureAwait(false);
            LogEnded(desk.Logger, connection.Id, reason);
        }
        finally
        {
            desk.Server.OnClosed(connection);
        }
    }

    [LoggerMessage(OpAmpEventIds.TooManyConnections, LogLevel.Warning, "an agent was refused: {Limit} connections are open, or the process stops")]
    private static partial void LogTooMany(ILogger logger, int limit);

    [LoggerMessage(OpAmpEventIds.ConnectionEnded, LogLevel.Debug, "Connection {Connection} ended: {Reason}")]
    private static partial void LogEnded(ILogger logger, long connection, string reason);
}
