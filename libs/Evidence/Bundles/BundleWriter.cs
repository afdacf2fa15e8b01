using System.Buffers.Binary;
using System.Security.Cryptography;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Evidence.Files;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace StellaOps.Telemetry.Evidence.Bundles;

/// <summary>
/// Writes a bundle's archive from canonical frames in their total order. Memory does not grow with the bundle: entries wait in files, because a
/// tar header tells the size of what follows. A part is compressed while the next one is gathered.
/// </summary>
/// <param name="spoolFolder">Where entries wait; needs room for two parts uncompressed. Nothing is left there, whatever happens.</param>
public sealed class BundleWriter(IFrameInspector inspector, string spoolFolder)
{
    // A tar must hold a frame, whatever the limit.
    private const long SmallestPart = (2 * Ustar.BlockBytes) + (2 * Ustar.BlockBytes);

    /// <summary>The longest uncompressed tar of one part; tests make it small.</summary>
    internal long MaxPartBytes { get; init; } = BundleFormat.MaxPartBytes;

    /// <summary>Writes the archive's parts into a folder; each appears whole, and is on the disk when this returned.</summary>
    /// <param name="name">Of the bundle: letters, digits, <c>.</c>, <c>_</c>, <c>-</c>, not beginning with a dot or dash, and not like the name of a part.</param>
    /// <param name="frames">Per signal, in the total order. A frame's memory is not used after the next one was asked for.</param>
    /// <exception cref="ArgumentException">A frame is not canonical, or stands before one that it must follow.</exception>
    public async Task<WrittenBundle> WriteAsync(string folder, string name, IReadOnlyDictionary<Signal, IAsyncEnumerable<ReadOnlyMemory<byte>>> frames, CancellationToken cancellationToken)
    {
        ThrowIfNoName(name);
        Directory.CreateDirectory(folder);
        var work = new Work(folder, spoolFolder, Math.Max(MaxPartBytes, SmallestPart), cancellationToken);
        await using (work.ConfigureAwait(false))
        {
            var signals = new SortedDictionary<string, BundleSignal>(StringComparer.Ordinal);
            foreach (var signal in BundleFormat.SignalsInOrder)
            {
                if (frames.TryGetValue(signal, out var ofSignal) && await WriteSignalAsync(work, signal, ofSignal, cancellationToken).ConfigureAwait(false) is { } facts)
                {
                    signals[signal.ToName()] = facts;
                }
            }

            var manifest = new BundleManifest(BundleManifest.SchemaId, signals);
            await work.AddManifestAsync(manifest.ToJson()).ConfigureAwait(false);
            await work.ClosePartAsync().ConfigureAwait(false);
            await work.FinishAsync().ConfigureAwait(false);
            var parts = work.Publish(name);
            return new WrittenBundle(name, parts, BundleFormat.ArchiveHash([.. parts.Select(p => p.Sha256)]), manifest);
        }
    }

    private static void ThrowIfNoName(string name)
    {
        if (!BundleFiles.IsName(name))
        {
            throw new ArgumentException($"'{name}' cannot name a bundle", nameof(name));
        }
    }

    private async Task<BundleSignal?> WriteSignalAsync(Work work, Signal signal, IAsyncEnumerable<ReadOnlyMemory<byte>> frames, CancellationToken cancellationToken)
    {
        using var facts = new SignalFacts(signal, inspector);
        var stretch = 0;
        await foreach (var frame in frames.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (facts.Add(frame.Span) is { } wrong)
            {
                throw new ArgumentException($"frame {facts.Records + 1} of {signal.ToName()}: {wrong}", nameof(frames));
            }

            if (!work.HasRoomFor(4L + frame.Length))
            {
                await work.ClosePartAsync().ConfigureAwait(false);
            }

            if (!work.IsOpen(signal))
            {
                work.Begin(signal, BundleFormat.EntryName(signal, ++stretch));
            }

            work.Append(frame.Span);
        }

        return facts.Records == 0 ? null : facts.ToSignal();
    }

    /// <summary>The part being gathered and those that are finished.</summary>
    private sealed class Work(string folder, string spoolFolder, long maxPartBytes, CancellationToken cancellationToken) : IAsyncDisposable
    {
        private readonly List<(string Name, FileStream Spool)> _entries = [];
        private readonly List<(string Path, string Sha256, long Bytes)> _parts = [];
        private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        private Task _closing = Task.CompletedTask;
        private Signal _open;
        private long _closedBytes = Ustar.EndOfArchive.Length;

        public bool IsOpen(Signal signal) => _entries.Count > 0 && _open == signal;

        /// <summary>Whether the tar stays within its limit with so much more content, in the open entry or in one that begins with it.</summary>
        public bool HasRoomFor(long bytes)
        {
            var open = _entries.Count == 0 ? 0 : _entries[^1].Spool.Position;
            var asNext = _closedBytes + (_entries.Count == 0 ? 0 : Ustar.EntryBytes(open)) + Ustar.EntryBytes(bytes);
            return _entries.Count == 0 || asNext <= maxPartBytes;
        }

        public void Begin(Signal signal, string name)
        {
            Begin(name);
            _open = signal;
        }

        public void Append(ReadOnlySpan<byte> frame)
        {
            Span<byte> length = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, frame.Length);
            _entries[^1].Spool.Write(length);
            _entries[^1].Spool.Write(frame);
        }

        public async Task AddManifestAsync(byte[] manifest)
        {
            if (!HasRoomFor(manifest.Length))
            {
                await ClosePartAsync().ConfigureAwait(false);
            }

            Begin(BundleFormat.ManifestEntry);
            _entries[^1].Spool.Write(manifest);
        }

        /// <summary>Has the part compressed, once the one before is: two at most lie uncompressed on the disk.</summary>
        public async Task ClosePartAsync()
        {
            await _closing.ConfigureAwait(false);
            var part = _parts.Count;
            var entries = _entries.ToArray();
            _parts.Add((Path.Combine(folder, $".part-{Guid.NewGuid():N}"), "", 0));
            _entries.Clear();
            _closedBytes = Ustar.EndOfArchive.Length;
            _closing = Task.Run(() => CompressAsync(part, entries), CancellationToken.None);
        }

        /// <summary>Waits for the last part.</summary>
        public Task FinishAsync() => _closing;

        public List<BundlePart> Publish(string name)
        {
            var parts = new List<BundlePart>();
            for (var i = 0; i < _parts.Count; i++)
            {
                var part = new BundlePart(BundleFormat.PartFileName(name, i + 1, _parts.Count), _parts[i].Bytes, _parts[i].Sha256);
                File.Move(_parts[i].Path, Path.Combine(folder, part.FileName), overwrite: true);
                parts.Add(part);
            }

            DirectorySync.Flush(folder);
            return parts;
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync().ConfigureAwait(false);
            await _closing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _stop.Dispose();
            foreach (var (_, spool) in _entries)
            {
                await spool.DisposeAsync().ConfigureAwait(false);
            }

            foreach (var (path, _, _) in _parts)
            {
                File.Delete(path);
            }
        }

        private async Task CompressAsync(int part, (string Name, FileStream Spool)[] entries)
        {
            var stop = _stop.Token;
            try
            {
                var path = _parts[part].Path;
                var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 64 * 1024, FileOptions.Asynchronous);
                await using var ofFile = file.ConfigureAwait(false);
                var compressor = new CompressionStream(file, BundleFormat.ZstdLevel, leaveOpen: true);
                await using (compressor.ConfigureAwait(false))
                {
                    compressor.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
                    var buffer = new byte[128 * 1024];
                    foreach (var (name, spool) in entries)
                    {
                        var size = spool.Position;
                        await compressor.WriteAsync(Ustar.Header(name, size), stop).ConfigureAwait(false);
                        spool.Position = 0;
                        int read;
                        while ((read = await spool.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, stop).ConfigureAwait(false)) > 0)
                        {
                            await compressor.WriteAsync(buffer.AsMemory(0, read), stop).ConfigureAwait(false);
                        }

                        await compressor.WriteAsync(new byte[Ustar.Padding(size)], stop).ConfigureAwait(false);
                    }

                    await compressor.WriteAsync(Ustar.EndOfArchive, stop).ConfigureAwait(false);
                }

                file.Position = 0;
                var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, stop).ConfigureAwait(false));
                file.Flush(flushToDisk: true);
                _parts[part] = (path, sha256, file.Length);
            }
            finally
            {
                foreach (var (_, spool) in entries)
                {
                    await spool.DisposeAsync().ConfigureAwait(false);
                }
            }
        }

        private void Begin(string name)
        {
            if (_entries.Count > 0)
            {
                _closedBytes += Ustar.EntryBytes(_entries[^1].Spool.Position);
            }

            Directory.CreateDirectory(spoolFolder);
            var path = Path.Combine(spoolFolder, $".spool-{Guid.NewGuid():N}");
            _entries.Add((name, new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Share = FileShare.Delete,
                BufferSize = 128 * 1024,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            })));

            // Without a name it is gone with the process, however that ends.
            File.Delete(path);
        }
    }
}

/// <summary>A bundle's archive as it was written.</summary>
/// <param name="ArchiveHash">As <see cref="BundleFormat.ArchiveHash"/>.</param>
public sealed record WrittenBundle(string Name, IReadOnlyList<BundlePart> Parts, string ArchiveHash, BundleManifest Manifest);

/// <summary>One file of the archive.</summary>
public sealed record BundlePart(string FileName, long Bytes, string Sha256);
