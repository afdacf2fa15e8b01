using System.Buffers.Binary;

namespace StellaOps.Telemetry.Archive.Export;

/// <summary>Writes what is written as blocks of an <see cref="ExportAnswer"/>.</summary>
internal sealed class BlockStream(Stream inner) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // Length 0 is the end, and nobody should have to take a block that is longer than this.
        for (var rest = buffer; rest.Length > 0;)
        {
            var block = rest[..Math.Min(rest.Length, ExportAnswer.MaxBlockBytes)];
            var head = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(head, block.Length);
            await inner.WriteAsync(head, cancellationToken).ConfigureAwait(false);
            await inner.WriteAsync(block, cancellationToken).ConfigureAwait(false);
            rest = rest[block.Length..];
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    // Kestrel refuses synchronous writes, and so does this.
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
