using System.Net;
using System.Net.WebSockets;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.OpAmp.Wire;

namespace StellaOps.Telemetry.OpAmp.Client;

/// <summary>One WebSocket connection, from its handshake to its end: what is to be said goes out while what the server says comes in.</summary>
internal sealed partial class WebSocketAgentSession(OpAmpAgentOptions options, HttpMessageInvoker http, AgentReporter reporter, ServerMessages messages, Action onConnected, TimeProvider time, ILogger logger) : IAgentSession
{
    private static readonly TimeSpan s_pingInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_pingTimeout = TimeSpan.FromSeconds(15);

    // When the oldest message went out that nothing came after; 0 when there is none.
    private long _unansweredSince;
    private volatile bool _wasConnected;

    // Who says goodbye and who hears the answer come to it at once: the socket counts its Close as sent only when the write has returned, and
    // the answer may be here before.
    private bool _isCloseSaid;

    public async Task<SessionEnd> RunAsync(CancellationToken cancellationToken)
    {
        using var socket = new ClientWebSocket();
        socket.Options.KeepAliveInterval = s_pingInterval;
        socket.Options.KeepAliveTimeout = s_pingTimeout;
        socket.Options.CollectHttpResponseDetails = true;
        if (await ConnectAsync(socket, cancellationToken).ConfigureAwait(false) is { } failure)
        {
            return failure;
        }

        // What was said on the last connection may not have arrived, and the server may be another one.
        reporter.RequireAll();
        using var over = new CancellationTokenSource();
        using var sendingOver = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellationToken);
        var receiving = ReceiveAllAsync(socket, over.Token);
        var sending = SendAllAsync(socket, sendingOver.Token);
        var first = await (await Task.WhenAny(receiving, sending).ConfigureAwait(false)).ConfigureAwait(false);
        if (cancellationToken.IsCancellationRequested)
        {
            // The other side's Close ends the receiving; it gets a moment for it.
            await sending.ConfigureAwait(false);
            await FarewellAsync(socket).ConfigureAwait(false);
            over.CancelAfter(options.FarewellTimeout);
            await receiving.ConfigureAwait(false);
            return new SessionEnd("stopped", _wasConnected);
        }

        await over.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(receiving, sending).ConfigureAwait(false);
        return first with { WasConnected = _wasConnected };
    }

    /// <summary>Null: it is connected.</summary>
    private async Task<SessionEnd?> ConnectAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await socket.ConnectAsync(options.Endpoint, http, both.Token).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (e is WebSocketException or HttpRequestException or IOException or OperationCanceledException)
        {
            return new SessionEnd(
                cancellationToken.IsCancellationRequested ? "stopped" : e is OperationCanceledException ? $"no connection within {options.ConnectTimeout.TotalSeconds:0.#} s" : (e.InnerException ?? e).Message,
                WasConnected: false,
                socket.HttpStatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable,
                RetryAfter.Of(socket.HttpResponseHeaders, time));
        }
    }

    private async Task<SessionEnd> SendAllAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                if (Interlocked.Read(ref _unansweredSince) is var since && since != 0 && time.GetElapsedTime(since) > options.AnswerTimeout)
                {
                    return new SessionEnd($"no answer within {options.AnswerTimeout.TotalSeconds:0.#} s", WasConnected: false);
                }

                await SendAsync(socket, reporter.Next(), cancellationToken).ConfigureAwait(false);
                await reporter.WaitAsync(messages.HeartbeatInterval, time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException or InvalidOperationException)
        {
            return new SessionEnd(e.Message, WasConnected: false);
        }
    }

    private async Task SendAsync(ClientWebSocket socket, AgentToServer message, CancellationToken cancellationToken)
    {
        var size = message.CalculateSize() + 1;
        if (size > options.MaxMessageBytes)
        {
            LogTooLarge(logger, size, options.MaxMessageBytes);
            return;
        }

        var frame = new byte[size];
        frame[0] = WebSocketHeader.Value;
        message.WriteTo(frame.AsSpan(1));
        Interlocked.CompareExchange(ref _unansweredSince, time.GetTimestamp(), 0);
        await socket.SendAsync(frame.AsMemory(), WebSocketMessageType.Binary, endOfMessage: true, cancellationToken).ConfigureAwait(false);
    }

    private async Task<SessionEnd> ReceiveAllAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        using var buffer = new MessageBuffer();
        try
        {
            while (true)
            {
                var read = await socket.ReceiveAsync(Memory<byte>.Empty, cancellationToken).ConfigureAwait(false);
                while (!read.EndOfMessage && read.MessageType == WebSocketMessageType.Binary && buffer.Length <= options.MaxMessageBytes)
                {
                    read = await socket.ReceiveAsync(buffer.Room(), cancellationToken).ConfigureAwait(false);
                    buffer.Advance(read.Count);
                }

                if (await JudgeAsync(socket, read.MessageType, buffer.Length).ConfigureAwait(false) is { } broken)
                {
                    return broken;
                }

                if (await TakeAsync(buffer, cancellationToken).ConfigureAwait(false) is { } end)
                {
                    await CloseAsync(socket, WebSocketCloseStatus.NormalClosure, "").ConfigureAwait(false);
                    return end;
                }
            }
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException)
        {
            return new SessionEnd(e.Message, WasConnected: false);
        }
    }

    /// <summary>Null: it is a message that can be read.</summary>
    private async Task<SessionEnd?> JudgeAsync(ClientWebSocket socket, WebSocketMessageType type, int bytes)
    {
        switch (type)
        {
            case WebSocketMessageType.Close:
                await CloseAsync(socket, WebSocketCloseStatus.NormalClosure, "").ConfigureAwait(false);
                return new SessionEnd($"the server closed the connection ({socket.CloseStatus}) {socket.CloseStatusDescription}", WasConnected: false);
            case WebSocketMessageType.Text:
                await CloseAsync(socket, WebSocketCloseStatus.InvalidMessageType, "OpAMP messages are binary").ConfigureAwait(false);
                return new SessionEnd("the server sent text", WasConnected: false);
            case WebSocketMessageType.Binary when bytes > options.MaxMessageBytes:
                await CloseAsync(socket, WebSocketCloseStatus.MessageTooBig, $"above the limit of {options.MaxMessageBytes} bytes").ConfigureAwait(false);
                return new SessionEnd($"a message of the server is above the limit of {options.MaxMessageBytes} bytes", WasConnected: false);
            default:
                return null;
        }
    }

    private async ValueTask<SessionEnd?> TakeAsync(MessageBuffer buffer, CancellationToken cancellationToken)
    {
        Interlocked.Exchange(ref _unansweredSince, 0);
        if (!TryRead(buffer, out var message))
        {
            return null;
        }

        if (!_wasConnected)
        {
            _wasConnected = true;
            onConnected();
        }

        return await messages.TakeAsync(message, cancellationToken).ConfigureAwait(false);
    }

    private bool TryRead(MessageBuffer buffer, out ServerToAgent message)
    {
        message = new ServerToAgent();
        try
        {
            var fault = WebSocketHeader.FaultOf(buffer.Written, out var header);
            if (fault is null)
            {
                message = Parsers.FromServer.ParseFrom(buffer.Written[header..]);
                return true;
            }

            LogMalformed(logger, fault);
        }
        catch (InvalidProtocolBufferException e)
        {
            LogMalformed(logger, e.Message);
        }
        finally
        {
            buffer.Dispose();
        }

        return false;
    }

    private async Task FarewellAsync(ClientWebSocket socket)
    {
        using var timeout = new CancellationTokenSource(options.FarewellTimeout, time);
        try
        {
            await SendAsync(socket, reporter.Farewell(), timeout.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException or InvalidOperationException)
        {
            return;
        }

        await CloseAsync(socket, WebSocketCloseStatus.NormalClosure, "").ConfigureAwait(false);
    }

    private async Task CloseAsync(ClientWebSocket socket, WebSocketCloseStatus status, string reason)
    {
        using var timeout = new CancellationTokenSource(options.FarewellTimeout, time);
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived && !Interlocked.Exchange(ref _isCloseSaid, true))
            {
                await socket.CloseOutputAsync(status, reason, timeout.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException or InvalidOperationException)
        {
            socket.Abort();
        }
    }

    [LoggerMessage(OpAmpClientEventIds.MessageTooLarge, LogLevel.Error, "a message of {Bytes} bytes is above the limit of {Limit} and was not sent to the OpAMP server")]
    private static partial void LogTooLarge(ILogger logger, int bytes, int limit);

    [LoggerMessage(OpAmpClientEventIds.MessageIgnored, LogLevel.Warning, "a message of the OpAMP server is malformed: {Reason}")]
    private static partial void LogMalformed(ILogger logger, string reason);
}
