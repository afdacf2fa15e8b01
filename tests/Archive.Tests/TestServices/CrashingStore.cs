using StellaOps.Telemetry.Archive.Objects;

namespace StellaOps.Telemetry.Archive.Tests.TestServices;

/// <summary>A store whose user dies before its n-th change (from 1): that change and whatever comes after does not happen.</summary>
public sealed class CrashingStore(IObjectStore inner, int dieBefore) : IObjectStore
{
    private int _changes;

    /// <summary>Changes asked for.</summary>
    public int Changes => _changes;

    public Task PutAsync(string key, Stream content, CancellationToken cancellationToken)
    {
        Change();
        return inner.PutAsync(key, content, cancellationToken);
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        Change();
        return inner.DeleteAsync(key, cancellationToken);
    }

    public Task<Stream> OpenReadAsync(string key, CancellationToken cancellationToken) => inner.OpenReadAsync(key, cancellationToken);

    public Task<bool> ExistsAsync(string key, CancellationToken cancellationToken) => inner.ExistsAsync(key, cancellationToken);

    public IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);

    private void Change()
    {
        if (++_changes >= dieBefore)
        {
            throw new CrashException();
        }
    }
}

/// <summary>The process died.</summary>
public sealed class CrashException : Exception;
