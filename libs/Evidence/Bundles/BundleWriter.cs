using System.Buffers.Binary;
using System.Security.Cryptography;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Evidence.Files;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace StellaOps.Telemetry.Evidence.Bundles;

/// <summary>
/// Writes a bundle's archive from canonical frames in their total order. Memory does not grow with the bundle: entries wait in files, because a
/// tar header tells the size of what follows.
/// </summary>
/// <param name="spoolFolder">Where entries wait; needs room for one part uncompressed. Nothing is left there, whatever happens.</param>
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
        var work = new Work(folder, spoolFolder, Math.Max(MaxPartBytes, SmallestPart));
        try
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
            await work.AddManifestAsync(manifest.ToJson(), cancellationToken).ConfigureAwait(false);
            await work.ClosePartAsync(cancellationToken).ConfigureAwait(false);
            var parts = work.Publish(name);
            return new WrittenBundle(name, parts, BundleFormat.ArchiveHash([.. parts.Select(p => p.Sha256)]), manifest);
        }
        finally
        {
            work.Dispose();
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
                await work.ClosePartAsync(cancellationToken).ConfigureAwait(false);
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
    private sealed class Work(string folder, string spoolFolder, long maxPartBytes) : IDisposable
    {
        private readonly List<(string Name, FileStream Spool)> _entries = [];
        private readonly List<(string Path, string Sha256, long Bytes)> _parts = [];
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

        public async Task AddManifestAsync(byte[] manifest, CancellationToken cancellationToken)
        {
            if (!HasRoomFor(manifest.Length))
            {
                await ClosePartAsync(cancellationToken).ConfigureAwait(false);
            }

            Begin(BundleFormat.ManifestEntry);
            await _entries[^1].Spool.WriteAsync(manifest, cancellationToken).ConfigureAwait(false);
        }

        public async Task ClosePartAsync(CancellationToken cancellationToken)
        {
            var path = Path.Combine(folder, $".part-{Guid.NewGuid():N}");
            _parts.Add((path, "", 0));
            var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 64 * 1024, FileOptions.Asynchronous);
            await using var ofFile = file.ConfigureAwait(false);
            var compressor = new CompressionStream(file, BundleFormat.ZstdLevel, leaveOpen: true);
            await using (compressor.ConfigureAwait(false))
            {
                compressor.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
                var buffer = new byte[128 * 1024];
                foreach (var (name, spool) in _entries)
                {
                    var size = spool.Position;
                    await compressor.WriteAsync(Ustar.Header(name, size), cancellationToken).ConfigureAwait(false);
                    spool.Position = 0;
                    int read;
                    while ((read = await spool.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false)) > 0)
                    {
                        await compressor.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                    }

                    await compressor.WriteAsync(new byte[Ustar.Padding(size)], cancellationToken).ConfigureAwait(false);
                    await spool.DisposeAsync().ConfigureAwait(false);
                }

                await compressor.WriteAsync(Ustar.EndOfArchive, cancellationToken).ConfigureAwait(false);
            }

            _entries.Clear();
            _closedBytes = Ustar.EndOfArchive.Length;
            file.Position = 0;
            var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken).ConfigureAwait(false));
            file.Flush(flushToDisk: true);
            _parts[^1] = (path, sha256, file.Length);
        }

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

        public void Dispose()
        {
            foreach (var (_, spool) in _entries)
            {
                spool.Dispose();
            }

            foreach (var (path, _, _) in _parts)
            {
                File.Delete(path);
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
