namespace StellaOps.Telemetry.Evidence.Files;

/// <summary>Small files of which nobody knows whether they are.</summary>
internal static class BoundedFile
{
    /// <summary>The content; null when there is no file, or a longer one. What grows meanwhile is cut, and then not what was signed.</summary>
    public static async Task<byte[]?> ReadAsync(string path, int maxBytes, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.Asynchronous);
        await using var ofFile = file.ConfigureAwait(false);
        if (file.Length > maxBytes)
        {
            return null;
        }

        var content = new byte[file.Length];
        await file.ReadExactlyAsync(content, cancellationToken).ConfigureAwait(false);
        return content;
    }
}
