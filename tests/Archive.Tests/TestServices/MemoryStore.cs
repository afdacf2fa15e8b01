using System.Runtime.CompilerServices;
using StellaOps.Telemetry.Archive.Objects;

namespace StellaOps.Telemetry.Archive.Tests.TestServices;

/// <summary>Objects in memory: thousands of archives that differ in one thing.</summary>
public sealed class MemoryStore : IObjectStore
{
    private readonly SortedDictionary<string, byte[]> _objects;

    public MemoryStore(MemoryStore? other = null) =>
        _objects = other is null ? new(StringComparer.Ordinal) : new(other._objects, StringComparer.Ordinal);

    /// <summary>Called before a listing begins (with its prefix) and before an object is opened (with its key).</summary>
    public Func<string, Task>? Before { get; set; }

    public IReadOnlyDictionary<string, byte[]> Objects => _objects;

    public byte[] this[string key]
    {
        get => _objects[key];
        set => _objects[key] = value;
    }

    public void Remove(string key) => _objects.Remove(key);

    public async Task PutAsync(string key, Stream content, CancellationToken cancellationToken)
    {
        ObjectKey.ThrowIfInvalid(key);
        using var bytes = new MemoryStream();
        await content.CopyToAsync(bytes, cancellationToken);
        _objects[key] = bytes.ToArray();
    }

    public async Task<Stream> OpenReadAsync(string key, CancellationToken cancellationToken)
    {
        ObjectKey.ThrowIfInvalid(key);
        await (Before?.Invoke(key) ?? Task.CompletedTask);
        return _objects.TryGetValue(key, out var bytes) ? new MemoryStream(bytes, writable: false) : throw new ObjectNotFoundException(key);
    }

    public Task<bool> ExistsAsync(string key, CancellationToken cancellationToken)
    {
        ObjectKey.ThrowIfInvalid(key);
        return Task.FromResult(_objects.ContainsKey(key));
    }

    public async IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ObjectKey.ThrowIfInvalidPrefix(prefix);
        await (Before?.Invoke(prefix) ?? Task.CompletedTask);
        foreach (var (key, bytes) in _objects.Where(o => o.Key.StartsWith(prefix, StringComparison.Ordinal)).ToList())
        {
            yield return new ObjectInfo(key, bytes.Length);
        }
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        ObjectKey.ThrowIfInvalid(key);
        _objects.Remove(key);
        return Task.CompletedTask;
    }
}
