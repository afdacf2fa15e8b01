using System.Security.Cryptography;

namespace StellaOps.Telemetry.Evidence.Files;

/// <summary>SHA-256 of files of any length.</summary>
internal static class FileDigest
{
    public static async Task<byte[]> ComputeAsync(string path, CancellationToken cancellationToken)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.Asynchronous | FileOptions.SequentialScan);
        await using var ofFile = file.ConfigureAwait(false);
        return await SHA256.HashDataAsync(file, cancellationToken).ConfigureAwait(false);
    }
}
