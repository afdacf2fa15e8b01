using StellaOps.Telemetry.Archive.Segments;

namespace StellaOps.Telemetry.Archive.Objects;

/// <summary>Reads and writes small objects whole.</summary>
internal static class ObjectReading
{
    /// <summary>Reads an object that has at most so many bytes.</summary>
    /// <exception cref="ArchiveDamagedException">It is longer.</exception>
    /// <exception cref="ObjectNotFoundException">There is none.</exception>
    public static async Task<byte[]> ReadAllAsync(this IObjectStore store, string key, int maxBytes, CancellationToken cancellationToken)
    {
        var file = await store.OpenReadAsync(key, cancellationToken).ConfigureAwait(false);
        await using var ofFile = file.ConfigureAwait(false);
        using var bytes = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await file.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            bytes.Write(buffer, 0, read);
            if (bytes.Length > maxBytes)
            {
                throw new ArchiveDamagedException(key, $"such an object has at most {maxBytes} bytes");
            }
        }

        return bytes.ToArray();
    }

    public static async Task PutAsync(this IObjectStore store, string key, byte[] content, CancellationToken cancellationToken)
    {
        using var stream = new MemoryStream(content, writable: false);
        await store.PutAsync(key, stream, cancellationToken).ConfigureAwait(false);
    }
}
