using System.Security.Cryptography;

namespace StellaOps.Telemetry.Evidence.Files;

/// <summary>SHA-256 of files of any length, and bounded reading of short ones.</summary>
internal static class FileDigest
{
    public static async Task<byte[]> ComputeAsync(string path, CancellationToken cancellationToken)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.Asynchronous | FileOptions.SequentialScan);
        await using var ofFile = file.ConfigureAwait(false);
        return await SHA256.HashDataAsync(file, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The file's content; null when there is none or it is longer.</summary>
    public static async Task<byte[]?> ReadAsync(string path, int maxBytes, CancellationToken cancellationToken) =>
        File.Exists(path) && new FileInfo(path).Length <= maxBytes ? await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false) : null;
}
