using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using StellaOps.Telemetry.Contracts;
using ZstdSharp;

namespace StellaOps.Telemetry.Evidence.Bundles;

/// <summary>One record of a bundle.</summary>
/// <param name="Bytes">An OTLP Export request with exactly this record; valid until the next one is read.</param>
public readonly record struct BundleFrame(Signal Signal, ReadOnlyMemory<byte> Bytes);

/// <summary>
/// Reads a bundle's archive front to back with bounded memory, and refuses every archive that <see cref="BundleWriter"/> cannot have written.
/// It judges the form only; <see cref="BundleVerifier"/> judges signatures and digests.
/// </summary>
public sealed class BundleReader(BundleFiles files)
{
    private readonly Dictionary<Signal, int> _stretches = [];
    private Signal _signal;

    /// <summary>The manifest; null until the last frame was read.</summary>
    public BundleManifest? Manifest { get; private set; }

    /// <summary>The longest uncompressed part that is read.</summary>
    internal long MaxPartBytes { get; init; } = BundleFormat.MaxPartBytes;

    /// <summary>The frames in the archive's order: logs, metrics, traces, each in its total order.</summary>
    /// <exception cref="BundleInvalidException">The archive has another form.</exception>
    public async IAsyncEnumerable<BundleFrame> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var i = 0; i < files.Parts.Count; i++)
        {
            await foreach (var frame in ReadPartAsync(files.Parts[i], i == files.Parts.Count - 1, cancellationToken).ConfigureAwait(false))
            {
                yield return frame;
            }
        }
    }

    private async IAsyncEnumerable<BundleFrame> ReadPartAsync(string path, bool last, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var tar = new TarBytes(path, MaxPartBytes);
        await using var ofTar = tar.ConfigureAwait(false);
        await tar.ExpectOneFrameAsync(cancellationToken).ConfigureAwait(false);
        var header = new byte[Ustar.BlockBytes];
        var length = new byte[4];
        var frame = Array.Empty<byte>();
        var previous = "";
        while (true)
        {
            await tar.FillAsync(header, cancellationToken).ConfigureAwait(false);
            if (!header.AsSpan().ContainsAnyExcept((byte)0))
            {
                break;
            }

            if (!Ustar.TryReadHeader(header, out var name, out var size))
            {
                throw tar.Invalid($"the entry after '{previous}' is not a plain file of the one form that a bundle has");
            }

            if (string.CompareOrdinal(name, previous) <= 0)
            {
                throw tar.Invalid($"the entry '{name}' stands twice or not in order");
            }

            previous = name;
            if (name == BundleFormat.ManifestEntry)
            {
                if (!last)
                {
                    throw tar.Invalid("the manifest is not in the last part");
                }

                Manifest = await ReadManifestAsync(tar, size, cancellationToken).ConfigureAwait(false);
                continue;
            }

            BeginEntry(tar, name);
            for (var left = size; left > 0;)
            {
                await tar.FillAsync(length, cancellationToken).ConfigureAwait(false);
                var bytes = BinaryPrimitives.ReadUInt32BigEndian(length);
                if (bytes > BundleFormat.MaxFrameBytes || bytes > left - 4)
                {
                    throw tar.Invalid($"a frame of '{name}' claims {bytes} bytes");
                }

                if (frame.Length < bytes)
                {
                    frame = new byte[Math.Max(bytes, Math.Min(2L * frame.Length, BundleFormat.MaxFrameBytes))];
                }

                await tar.FillAsync(frame.AsMemory(0, (int)bytes), cancellationToken).ConfigureAwait(false);
                left -= 4 + bytes;
                yield return new BundleFrame(_signal, frame.AsMemory(0, (int)bytes));
            }

            if (size == 0)
            {
                throw tar.Invalid($"the entry '{name}' is empty");
            }

            await tar.SkipZerosAsync(Ustar.Padding(size), cancellationToken).ConfigureAwait(false);
        }

        await tar.SkipZerosAsync(Ustar.EndOfArchive.Length - Ustar.BlockBytes, cancellationToken).ConfigureAwait(false);
        await tar.ExpectEndAsync(cancellationToken).ConfigureAwait(false);
        if (previous.Length == 0 || (last && Manifest is null))
        {
            throw tar.Invalid(last ? $"there is no '{BundleFormat.ManifestEntry}'" : "the part is empty");
        }
    }

    private static async Task<BundleManifest> ReadManifestAsync(TarBytes tar, long size, CancellationToken cancellationToken)
    {
        if (size > BundleFormat.MaxDocumentBytes)
        {
            throw tar.Invalid($"the manifest claims {size} bytes");
        }

        var json = new byte[size];
        await tar.FillAsync(json, cancellationToken).ConfigureAwait(false);
        await tar.SkipZerosAsync(Ustar.Padding(size), cancellationToken).ConfigureAwait(false);
        return BundleManifest.TryParse(json, out var manifest)
            ? manifest
            : throw tar.Invalid($"'{BundleFormat.ManifestEntry}' is not a canonical manifest of schema {BundleManifest.SchemaId}");
    }

    /// <summary>An entry begins a signal, or goes on with the one that the part before ended in.</summary>
    private void BeginEntry(TarBytes tar, string name)
    {
        foreach (var signal in BundleFormat.SignalsInOrder)
        {
            var stretch = _stretches.GetValueOrDefault(signal) + 1;
            if (name == BundleFormat.EntryName(signal, stretch) && string.CompareOrdinal(signal.ToName(), _signal == default ? "" : _signal.ToName()) >= 0)
            {
                _stretches[signal] = stretch;
                _signal = signal;
                return;
            }
        }

        throw tar.Invalid($"the entry '{name}' does not belong there");
    }

    /// <summary>The uncompressed bytes of one part, never more than its limit.</summary>
    private sealed class TarBytes : IAsyncDisposable
    {
        private readonly string _name;
        private readonly long _limit;
        private readonly FileStream _file;
        private readonly DecompressionStream _tar;
        private long _read;

        public TarBytes(string path, long limit)
        {
            (_name, _limit) = (Path.GetFileName(path), limit);
            _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 64 * 1024, FileOptions.Asynchronous | FileOptions.SequentialScan);
            _tar = new DecompressionStream(_file, leaveOpen: true);
        }

        public BundleInvalidException Invalid(string what, Exception? inner = null) => new(_name, what, inner);

        public async Task ExpectOneFrameAsync(CancellationToken cancellationToken)
        {
            if (!await ZstdFrame.IsAloneAsync(_file, cancellationToken).ConfigureAwait(false))
            {
                throw Invalid("it is not exactly one whole Zstandard frame");
            }

            _file.Position = 0;
        }

        public async ValueTask FillAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            _read += buffer.Length;
            if (_read > _limit)
            {
                throw Invalid($"it unpacks to more than {_limit} bytes");
            }

            if (await ReadAsync(buffer, cancellationToken).ConfigureAwait(false) < buffer.Length)
            {
                throw Invalid("it ends too early");
            }
        }

        public async ValueTask SkipZerosAsync(int count, CancellationToken cancellationToken)
        {
            var padding = new byte[count];
            await FillAsync(padding, cancellationToken).ConfigureAwait(false);
            if (padding.AsSpan().ContainsAnyExcept((byte)0))
            {
                throw Invalid("padding is not zero");
            }
        }

        public async ValueTask ExpectEndAsync(CancellationToken cancellationToken)
        {
            if (await ReadAsync(new byte[1], cancellationToken).ConfigureAwait(false) != 0)
            {
                throw Invalid("it goes on after its end");
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _tar.DisposeAsync().ConfigureAwait(false);
            await _file.DisposeAsync().ConfigureAwait(false);
        }

        private async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            try
            {
                return await _tar.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is ZstdException or EndOfStreamException)
            {
                throw Invalid("it is not whole Zstandard data", e);
            }
        }
    }
}
