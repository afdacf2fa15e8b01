using System.Text;

namespace StellaOps.Telemetry.IncidentService.Notify.Targets;

/// <summary>A secret in a file: read at each use, so that one that was changed is the one that is used. Never shown.</summary>
internal static class SecretFile
{
    private const int MaxBytes = 4096;

    /// <exception cref="IOException">It is not there, or holds no secret: one line of text. The message names the file and nothing of its content.</exception>
    public static string Read(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var bytes = new byte[MaxBytes + 1];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            var text = length > MaxBytes ? "" : Encoding.UTF8.GetString(bytes, 0, length).Trim();
            return text.Length > 0 && text.All(c => c is >= ' ' and <= '~') ? text : throw new IOException($"'{path}' holds no secret: one line of ASCII, at most {MaxBytes} bytes");
        }
        catch (Exception e) when (e is UnauthorizedAccessException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new IOException($"'{path}' {(e is UnauthorizedAccessException ? "may not be read" : "is not there")}", e);
        }
    }
}
