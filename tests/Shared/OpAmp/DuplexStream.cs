using System.IO.Pipelines;

namespace StellaOps.Telemetry.Tests.Shared.OpAmp;

/// <summary>Reads from one pipe and writes to another.</summary>
/// <param name="onDisposed">Tells the other side that nobody is here any more.</param>
public sealed class DuplexStream(PipeReader reader, PipeWriter writer, Action onDisposed) : Stream
{
    private readonly Stream _reading = reader.AsStream();
    private readonly Stream _writing = writer.AsStream();

    /// <summary>Two ends of one connection. A side that does not read stops the other, as a socket's buffers would.</summary>
    public static (DuplexStream Client, DuplexStream Server) Pair()
    {
        var (toServer, toClient) = (new Pipe(), new Pipe());
        return (new DuplexStream(toClient.Reader, toServer.Writer, () => { }), new DuplexStream(toServer.Reader, toClient.Writer, () => { }));
    }

    /// <summary>What a write returns after, once the other side has its bytes: the network may be quicker than who wrote.</summary>
    public Func<ReadOnlyMemory<byte>, Task> Written { get; set; } = _ => Task.CompletedTask;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => _reading.Read(buffer, offset, count);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // A read of no bytes waits until there are some, as a socket's does.
        if (buffer.IsEmpty)
        {
            var result = await reader.ReadAsync(cancellationToken);
            reader.AdvanceTo(result.Buffer.Start);
            return 0;
        }

        return await _reading.ReadAsync(buffer, cancellationToken);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => _writing.Write(buffer, offset, count);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _writing.WriteAsync(buffer, cancellationToken);
        await Written(buffer);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() => _writing.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => _writing.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            // A read that waits has to end, as it would on a socket; the pipe's end is for it to see.
            writer.Complete();
            reader.CancelPendingRead();
            onDisposed();
        }

        base.Dispose(disposing);
    }
}
