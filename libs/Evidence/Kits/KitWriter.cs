using System.Security.Cryptography;
using StellaOps.Telemetry.Evidence.Bundles;
using StellaOps.Telemetry.Evidence.Files;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace StellaOps.Telemetry.Evidence.Kits;

/// <summary>Writes a kit's archive: one Zstandard frame around one ustar, <c>kit.json</c> first. The same manifest and files give the same bytes.</summary>
public static class KitWriter
{
    /// <summary>Writes the archive; it appears whole, and is on the disk when this returned.</summary>
    /// <param name="open">The content of a file of the manifest.</param>
    /// <param name="progress">Told the bytes of content written so far.</param>
    /// <returns>SHA-256 of the archive, lower-case hex.</returns>
    /// <exception cref="KitInvalidException">The manifest is none, or a file is not as the manifest says: it changed since.</exception>
    public static async Task<string> WriteAsync(string path, KitManifest manifest, Func<KitFile, Stream> open, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        if (KitManifest.FaultOf(manifest.Files) is { } fault)
        {
            throw new KitInvalidException(KitFormat.ManifestEntry, fault);
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);
        var temporary = Path.Combine(folder, $".kit-{Guid.NewGuid():N}");
        try
        {
            var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 64 * 1024, FileOptions.Asynchronous);
            await using var ofFile = file.ConfigureAwait(false);
            await WriteAsync(file, manifest, open, progress, cancellationToken).ConfigureAwait(false);
            file.Position = 0;
            var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken).ConfigureAwait(false));
            file.Flush(flushToDisk: true);
            File.Move(temporary, path, overwrite: true);
            DirectorySync.Flush(folder);
            return sha256;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static async Task WriteAsync(FileStream file, KitManifest manifest, Func<KitFile, Stream> open, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var tar = new CompressionStream(file, KitFormat.ZstdLevel, leaveOpen: true);
        await using var ofTar = tar.ConfigureAwait(false);
        tar.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
        tar.SetParameter(ZSTD_cParameter.ZSTD_c_windowLog, KitFormat.ZstdWindowLog);
        tar.SetParameter(ZSTD_cParameter.ZSTD_c_enableLongDistanceMatching, 1);
        var json = manifest.ToJson();
        await tar.WriteAsync(Ustar.KitHeader(KitFormat.ManifestEntry, json.Length, isExecutable: false), cancellationToken).ConfigureAwait(false);
        await tar.WriteAsync(json, cancellationToken).ConfigureAwait(false);
        await tar.WriteAsync(new byte[Ustar.Padding(json.Length)], cancellationToken).ConfigureAwait(false);
        var buffer = new byte[128 * 1024];
        var done = 0L;
        foreach (var entry in manifest.Files)
        {
            await tar.WriteAsync(Ustar.KitHeader(entry.Path, entry.Size, entry.IsExecutable), cancellationToken).ConfigureAwait(false);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var content = open(entry);
            await using var ofContent = content.ConfigureAwait(false);
            var size = 0L;
            int read;

            // Whole buffers, so that the bytes do not depend on how a file system hands them out.
            while ((read = await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false)) > 0)
            {
                hash.AppendData(buffer, 0, read);
                size += read;
                await tar.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                progress?.Report(done += read);
            }

            if (size != entry.Size || Convert.ToHexStringLower(hash.GetHashAndReset()) != entry.Sha256)
            {
                throw new KitInvalidException(entry.Path, "the file changed while the kit was written");
            }

            await tar.WriteAsync(new byte[Ustar.Padding(size)], cancellationToken).ConfigureAwait(false);
        }

        await tar.WriteAsync(Ustar.EndOfArchive, cancellationToken).ConfigureAwait(false);
    }
}
