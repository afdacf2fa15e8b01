using System.IO.Pipelines;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace StellaOps.Telemetry.Tests.Shared.OpAmp;

/// <summary>Connects clients to Kestrel within the process: the bytes are those of a socket, without the network.</summary>
internal sealed class MemoryTransport : IConnectionListenerFactory, IConnectionListenerFactorySelector, IConnectionListener
{
    // A side that does not read stops the other here, as a socket's buffers would.
    private static readonly PipeOptions s_buffer = new(pauseWriterThreshold: 64 << 10, resumeWriterThreshold: 32 << 10, useSynchronizationContext: false);

    private readonly Channel<ConnectionContext> _pending = Channel.CreateBounded<ConnectionContext>(1_000);
    private int _last;

    public EndPoint EndPoint { get; } = new MemoryEndPoint();

    public bool CanBind(EndPoint endpoint) => endpoint is MemoryEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) => ValueTask.FromResult<IConnectionListener>(this);

    public async Task<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        var (toServer, toClient) = (new Pipe(s_buffer), new Pipe(s_buffer));
        var server = new MemoryConnection($"memory-{Interlocked.Increment(ref _last)}", new Duplex(toServer.Reader, toClient.Writer), new Duplex(toClient.Reader, toServer.Writer));
        await _pending.Writer.WriteAsync(server, cancellationToken);
        return new DuplexStream(toClient.Reader, toServer.Writer, onDisposed: server.Close);
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
        await _pending.Reader.WaitToReadAsync(cancellationToken) && _pending.Reader.TryRead(out var connection) ? connection : null;

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _pending.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => UnbindAsync();

    private sealed class MemoryEndPoint : EndPoint;

    /// <summary>Kestrel may abort a connection that it has disposed of; that has to be harmless.</summary>
    private sealed class MemoryConnection : DefaultConnectionContext
    {
        private readonly CancellationTokenSource _closed = new();

        public MemoryConnection(string id, IDuplexPipe transport, IDuplexPipe application)
            : base(id, transport, application) => ConnectionClosed = _closed.Token;

        public void Close() => _ = _closed.CancelAsync();

        public override void Abort(ConnectionAbortedException abortReason) => Close();

        public override async ValueTask DisposeAsync()
        {
            await Transport.Output.CompleteAsync();
            await Transport.Input.CompleteAsync();
            await base.DisposeAsync();
        }
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
