using StellaOps.Telemetry.Evidence.Bundles;
using ZstdSharp;

namespace StellaOps.Telemetry.Evidence.Kits;

/// <summary>Reads the kits' form of ustar front to back, and refuses everything that a kit cannot have.</summary>
/// <param name="name">What errors call it.</param>
internal sealed class TarStream(string name, Stream tar)
{
    private readonly byte[] _block = new byte[Ustar.BlockBytes];

    /// <summary>The next entry; null at the end, which must be the stream's end too.</summary>
    public async Task<(string Path, long Size, bool IsExecutable)?> NextAsync(string after, CancellationToken cancellationToken)
    {
        await FillAsync(_block, cancellationToken).ConfigureAwait(false);
        if (!_block.AsSpan().ContainsAnyExcept((byte)0))
        {
            await SkipZerosAsync(Ustar.EndOfArchive.Length - Ustar.BlockBytes, cancellationToken).ConfigureAwait(false);
            return await ReadAsync(new byte[1], cancellationToken).ConfigureAwait(false) == 0 ? null : throw Invalid("it goes on after its end");
        }

        return Ustar.TryReadKitHeader(_block, out var path, out var size, out var isExecutable)
            ? (path, size, isExecutable)
            : throw Invalid($"the entry after '{after}' is not a plain file of the one form that a kit has");
    }

    public async ValueTask FillAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (await ReadAsync(buffer, cancellationToken).ConfigureAwait(false) < buffer.Length)
        {
            throw Invalid("it ends too early");
        }
    }

    public async ValueTask SkipZerosAsync(int count, CancellationToken cancellationToken)
    {
        await FillAsync(_block.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
        if (_block.AsSpan(0, count).ContainsAnyExcept((byte)0))
        {
            throw Invalid("padding is not zero");
        }
    }

    public KitInvalidException Invalid(string what, Exception? inner = null) => new(name, what, inner);

    private async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await tar.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ZstdException or EndOfStreamException)
        {
            throw Invalid("it is not whole Zstandard data", e);
        }
    }
}
