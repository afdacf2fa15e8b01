using System.Buffers;
using System.Net.WebSockets;
using System.Security.Claims;
using Google.Protobuf;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.OpAmp.Wire;

namespace StellaOps.Telemetry.OpAmp.Server;

/// <summary>
/// One WebSocket connection. While nothing is said it holds no buffer: it waits with a read of zero bytes. A message is answered before the
/// next is read, so that an agent that does not read is not read either.
/// </summary>
internal sealed class WebSocketOpAmpConnection : OpAmpConnection, IDisposable
{
    private readonly WebSocket _socket;
    private readonly MessageDesk _desk;
    private readonly TimeProvider _time;
    private readonly MessageBuffer _received = new();

    // Not disposed: it holds nothing until somebody asks for its wait handle, and whoever waits for it at the end still has to be let go.
#pragma warning disable CA2213
    private readonly SemaphoreSlim _sending = new(1, 1);
#pragma warning restore CA2213

    // First against agents that say nothing, later against those that do not answer a Close.
    private readonly ITimer _deadline;
    private int _queued;
    private volatile bool _isClosing;

    public WebSocketOpAmpConnection(WebSocket socket, ClaimsPrincipal user, MessageDesk desk, TimeProvider time)
        : base(OpAmpTransport.WebSocket, user)
    {
        (_socket, _desk, _time) = (socket, desk, time);
        _deadline = time.CreateTimer(_ => OnDeadline(), null, desk.Options.FirstMessageTimeout, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Receives until the connection ends, and says why it did.</summary>
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var next = await _socket.ReceiveAsync(Memory<byte>.Empty, cancellationToken).ConfigureAwait(false);
                if (next.MessageType == WebSocketMessageType.Close)
                {
                    await CloseAsync(WebSocketCloseStatus.NormalClosure, "").ConfigureAwait(false);
                    return $"the agent closed it ({_socket.CloseStatus})";
                }

                if (_isClosing)
                {
                    await SkipAsync(next, cancellationToken).ConfigureAwait(false);
                }
                else if (next.MessageType != WebSocketMessageType.Binary)
                {
                    await RefuseAsync(WebSocketCloseStatus.InvalidMessageType, "OpAMP messages are binary: send no text", next, cancellationToken).ConfigureAwait(false);
                }
                else if (!await ReadAsync(next, cancellationToken).ConfigureAwait(false))
                {
                    await RefuseAsync(WebSocketCloseStatus.MessageTooBig, $"a message is above the limit of {_desk.Options.MaxMessageBytes} bytes", default, cancellationToken).ConfigureAwait(false);
                }
                else
                {
                    _deadline.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                    await AnswerAsync(cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException)
        {
            return e is WebSocketException ? e.Message : "the agent went away";
        }
    }

    public override async Task<bool> SendAsync(ServerToAgent message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        try
        {
            if (Interlocked.Increment(ref _queued) <= _desk.Options.MaxQueuedMessages)
            {
                return ReferenceEquals(_desk.Fitting(this, message, headerBytes: 1), message) && await WriteAsync(message, cancellationToken).ConfigureAwait(false);
            }

            _desk.Instruments.OnDiscarded("slow_agent");
            return false;
        }
        finally
        {
            Interlocked.Decrement(ref _queued);
        }
    }

    public override void Abort() => _socket.Abort();

    /// <summary>The process stops: the agent should connect to another, or again.</summary>
    public void GoAway() => _ = CloseAsync(WebSocketCloseStatus.EndpointUnavailable, "the server stops");

    public void Dispose()
    {
        _deadline.Dispose();
        _received.Dispose();
        _socket.Dispose();
    }

    /// <summary>Reads the rest of a message; false when it is above the limit.</summary>
    private async Task<bool> ReadAsync(ValueWebSocketReceiveResult read, CancellationToken cancellationToken)
    {
        while (!read.EndOfMessage)
        {
            read = await _socket.ReceiveAsync(_received.Room(), cancellationToken).ConfigureAwait(false);
            _received.Advance(read.Count);
            if (_received.Length > _desk.Options.MaxMessageBytes)
            {
                _received.Dispose();
                return false;
            }
        }

        return true;
    }

    private async Task AnswerAsync(CancellationToken cancellationToken)
    {
        var pending = WebSocketHeader.FaultOf(_received.Written, out var header) is { } fault
            ? ValueTask.FromResult(_desk.Refuse(this, ByteString.Empty, fault))
            : _desk.AnswerAsync(this, _received.Written[header..], cancellationToken);
        _received.Dispose();
        await WriteAsync(_desk.Fitting(this, await pending.ConfigureAwait(false), headerBytes: 1), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Says why and closes; the rest of what the agent is sending is passed over until its own Close, or the connection would be reset before it read the reason.</summary>
    private async Task RefuseAsync(WebSocketCloseStatus status, string reason, ValueWebSocketReceiveResult read, CancellationToken cancellationToken)
    {
        _desk.Refuse(this, ByteString.Empty, reason);
        await CloseAsync(status, reason).ConfigureAwait(false);
        await SkipAsync(read, cancellationToken).ConfigureAwait(false);
    }

    private async Task SkipAsync(ValueWebSocketReceiveResult read, CancellationToken cancellationToken)
    {
        var scrap = ArrayPool<byte>.Shared.Rent(4096);
        try
        {
            while (!read.EndOfMessage)
            {
                read = await _socket.ReceiveAsync(scrap.AsMemory(), cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scrap);
        }
    }

    private async Task<bool> WriteAsync(ServerToAgent message, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        var size = message.CalculateSize() + 1;
        var frame = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            frame[0] = WebSocketHeader.Value;
            message.WriteTo(frame.AsSpan(1, size - 1));
            using var timeout = new CancellationTokenSource(_desk.Options.SendTimeout, _time);
            await _socket.SendAsync(frame.AsMemory(0, size), WebSocketMessageType.Binary, endOfMessage: true, timeout.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or ObjectDisposedException or InvalidOperationException)
        {
            // A send that is cut short ends the connection, as it must: the agent has half a message.
            _desk.Instruments.OnDiscarded(e is OperationCanceledException ? "slow_agent" : "gone");
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(frame);
            _sending.Release();
        }
    }

    private void OnDeadline()
    {
        if (_isClosing)
        {
            _socket.Abort();
        }
        else
        {
            _ = CloseAsync(WebSocketCloseStatus.PolicyViolation, "no message came");
        }
    }

    private async Task CloseAsync(WebSocketCloseStatus status, string reason)
    {
        _isClosing = true;
        try
        {
            _deadline.Change(_desk.Options.CloseTimeout, Timeout.InfiniteTimeSpan);
            await _sending.WaitAsync(CancellationToken.None).ConfigureAwait(false);
            try
            {
                if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                {
                    await _socket.CloseOutputAsync(status, reason, CancellationToken.None).ConfigureAwait(false);
                }
            }
            finally
            {
                _sending.Release();
            }
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            _socket.Abort();
        }
    }
}
