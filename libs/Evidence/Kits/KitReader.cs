using System.Security.Cryptography;
using StellaOps.Telemetry.Evidence.Bundles;
using ZstdSharp;

namespace StellaOps.Telemetry.Evidence.Kits;

/// <summary>
/// Reads a kit's archive front to back, with memory that does not grow with it, and refuses every archive that <see cref="KitWriter"/> cannot have
/// written. What is unpacked is bounded by the manifest, which is read first; whether to believe that is the caller's to judge before a file is written.
/// </summary>
public static class KitReader
{
    /// <summary>Reads the manifest alone.</summary>
    /// <exception cref="KitInvalidException">The archive has another form.</exception>
    public static async Task<KitContent> ReadManifestAsync(string archive, CancellationToken cancellationToken)
    {
        var opened = await OpenAsync(archive, cancellationToken).ConfigureAwait(false);
        await using var ofOpened = opened.ConfigureAwait(false);
        return opened.Content;
    }

    /// <summary>Reads all of it, and compares every entry with the manifest.</summary>
    /// <param name="manifestSha256">What the attestation names: another manifest is refused before anything is unpacked; null takes any.</param>
    /// <param name="create">Makes what a file's content is written to; null to look only.</param>
    /// <param name="progress">Told the bytes of content read so far.</param>
    /// <exception cref="KitInvalidException">The archive has another form, or a file is not as the manifest says.</exception>
    public static async Task<KitContent> ReadAsync(string archive, string? manifestSha256, Func<KitFile, Stream>? create, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var opened = await OpenAsync(archive, cancellationToken).ConfigureAwait(false);
        await using var ofOpened = opened.ConfigureAwait(false);
        var (tar, content) = (opened.Tar, opened.Content);
        if (manifestSha256 is not null && content.ManifestSha256 != manifestSha256)
        {
            throw tar.Invalid($"the manifest's sha256 is {content.ManifestSha256}, the attestation names {manifestSha256}");
        }

        var previous = KitFormat.ManifestEntry;
        var buffer = new byte[128 * 1024];
        var done = 0L;
        foreach (var file in content.Manifest.Files)
        {
            var entry = await tar.NextAsync(previous, cancellationToken).ConfigureAwait(false) ?? throw tar.Invalid($"'{file.Path}' is missing");
            if (entry != (file.Path, file.Size, file.IsExecutable))
            {
                throw tar.Invalid($"the entry '{entry.Path}' stands where the manifest names '{file.Path}' of {file.Size} bytes, mode {file.Mode}");
            }

            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var target = create?.Invoke(file) ?? Stream.Null;
            await using var ofTarget = target.ConfigureAwait(false);
            for (var left = file.Size; left > 0;)
            {
                var part = buffer.AsMemory(0, (int)Math.Min(left, buffer.Length));
                await tar.FillAsync(part, cancellationToken).ConfigureAwait(false);
                hash.AppendData(part.Span);
                await target.WriteAsync(part, cancellationToken).ConfigureAwait(false);
                left -= part.Length;
                progress?.Report(done += part.Length);
            }

            if (Convert.ToHexStringLower(hash.GetHashAndReset()) != file.Sha256)
            {
                throw tar.Invalid($"'{file.Path}' is not what the manifest says");
            }

            await tar.SkipZerosAsync(Ustar.Padding(file.Size), cancellationToken).ConfigureAwait(false);
            previous = file.Path;
        }

        return await tar.NextAsync(previous, cancellationToken).ConfigureAwait(false) is { } more ? throw tar.Invalid($"the manifest does not name '{more.Path}'") : content;
    }

    private static async Task<Opened> OpenAsync(string archive, CancellationToken cancellationToken)
    {
        var file = new FileStream(archive, FileMode.Open, FileAccess.Read, FileShare.Read, 64 * 1024, FileOptions.Asynchronous | FileOptions.SequentialScan);
        DecompressionStream? unpacked = null;
        try
        {
            if (!await ZstdFrame.IsAloneAsync(file, cancellationToken).ConfigureAwait(false))
            {
                throw new KitInvalidException(Path.GetFileName(archive), "it is not exactly one whole Zstandard frame");
            }

            file.Position = 0;
            unpacked = new DecompressionStream(file, leaveOpen: true);
            var tar = new TarStream(Path.GetFileName(archive), unpacked);
            if (await tar.NextAsync("", cancellationToken).ConfigureAwait(false) is not (KitFormat.ManifestEntry, <= KitFormat.MaxManifestBytes, false) entry)
            {
                throw tar.Invalid($"its first entry is not '{KitFormat.ManifestEntry}', or that is too long");
            }

            var json = new byte[entry.Size];
            await tar.FillAsync(json, cancellationToken).ConfigureAwait(false);
            await tar.SkipZerosAsync(Ustar.Padding(entry.Size), cancellationToken).ConfigureAwait(false);
            return KitManifest.TryParse(json, out var manifest) is { } fault
                ? throw tar.Invalid($"'{KitFormat.ManifestEntry}': {fault}")
                : new Opened(file, unpacked, tar, new KitContent(manifest!, Convert.ToHexStringLower(SHA256.HashData(json))));
        }
        catch
        {
            unpacked?.Dispose();
            await file.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private sealed record Opened(FileStream File, DecompressionStream Unpacked, TarStream Tar, KitContent Content) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Unpacked.DisposeAsync().ConfigureAwait(false);
            await File.DisposeAsync().ConfigureAwait(false);
        }
    }
}

/// <summary>What an archive says of itself.</summary>
public sealed record KitContent(KitManifest Manifest, string ManifestSha256);
