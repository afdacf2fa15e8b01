namespace StellaOps.Telemetry.Archive.Objects;

/// <summary>
/// Where the archive lives. Keys are relative paths of <see cref="ObjectKey"/>'s form. An object appears whole or not at all, and a put that
/// returned survives the death of the machine. What the store fails by is an <see cref="IOException"/>.
/// </summary>
public interface IObjectStore
{
    /// <summary>Writes an object, replacing one of the same key. Reads the content from its current position to its end.</summary>
    Task PutAsync(string key, Stream content, CancellationToken cancellationToken);

    /// <summary>
    /// Opens an object for reading. What is read is the object as it was when opened, even when it is replaced meanwhile, or an
    /// <see cref="IOException"/>: never two objects mixed. The stream need not seek, and is read asynchronously.
    /// </summary>
    /// <exception cref="ObjectNotFoundException">There is none of this key.</exception>
    Task<Stream> OpenReadAsync(string key, CancellationToken cancellationToken);

    /// <summary>Whether there is an object of this key.</summary>
    Task<bool> ExistsAsync(string key, CancellationToken cancellationToken);

    /// <summary>The objects whose keys begin with the prefix, in ordinal order of their keys.</summary>
    IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Deletes an object; nothing happens when there is none.</summary>
    Task DeleteAsync(string key, CancellationToken cancellationToken);
}

/// <summary>One stored object.</summary>
public readonly record struct ObjectInfo(string Key, long Bytes);

/// <summary>No object of this key.</summary>
public sealed class ObjectNotFoundException(string key, Exception? inner = null) : IOException($"the archive has no object '{key}'", inner)
{
    /// <summary>The key asked for.</summary>
    public string Key { get; } = key;
}
