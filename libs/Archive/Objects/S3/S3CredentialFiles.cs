using System.Diagnostics.CodeAnalysis;
using System.Text;
using Amazon.Runtime;

namespace StellaOps.Telemetry.Archive.Objects.S3;

/// <summary>The files with the credentials. They are few bytes, and read for every request: however they are replaced, the next one has the new.</summary>
internal sealed class S3CredentialFiles(string accessKeyFile, string secretKeyFile, string? sessionTokenFile)
{
    private const int MaxBytes = 8192;

    /// <summary>Reads them; the fault names a file, and nothing of its content.</summary>
    public bool TryRead([NotNullWhen(true)] out ImmutableCredentials? credentials, [NotNullWhen(false)] out string? fault)
    {
        credentials = null;
        string? token = null;
        if (!TryRead(accessKeyFile, out var access, out fault) || !TryRead(secretKeyFile, out var secret, out fault)
            || (!string.IsNullOrEmpty(sessionTokenFile) && !TryRead(sessionTokenFile, out token, out fault)))
        {
            return false;
        }

        credentials = new ImmutableCredentials(access, secret, token);
        return true;
    }

    private static bool TryRead(string path, [NotNullWhen(true)] out string? value, [NotNullWhen(false)] out string? fault)
    {
        (value, fault) = (null, null);
        try
        {
            using var file = File.OpenRead(path);
            var bytes = new byte[MaxBytes + 1];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            var text = Encoding.UTF8.GetString(bytes, 0, length).Trim();
            if (text.Length == 0 || length > MaxBytes || text.Any(c => c is <= ' ' or > '~'))
            {
                fault = $"'{path}' holds no key: one word of ASCII on one line";
                return false;
            }

            value = text;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            fault = $"'{path}' cannot be read";
            return false;
        }
    }
}
