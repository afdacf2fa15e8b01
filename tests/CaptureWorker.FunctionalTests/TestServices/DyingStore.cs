using StellaOps.Telemetry.Archive.Objects;

namespace StellaOps.Telemetry.CaptureWorker.FunctionalTests.TestServices;

/// <summary>A store whose user dies at a boundary of its changes: even ones are before a change, odd ones right after it. Nothing happens afterwards.</summary>
internal sealed class DyingStore(IObjectStore inner, int boundary) : IObjectStore
{
    private int _passed;

    /// <summary>Boundaries that were passed.</summary>
    public int Passed => _passed;

    public async Task PutAsync(string key, Stream content, CancellationToken cancellationToken)
    {
        Pass();
        await inner.PutAsync(key, content, cancellationToken);
        Pass();
    }

    public async Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        Pass();
        await inner.DeleteAsync(key, cancellationToken);
        Pass();
    }

    public Task<Stream> OpenReadAsync(string key, CancellationToken cancellationToken) => inner.OpenReadAsync(key, cancellationToken);

    public Task<bool> ExistsAsync(string key, CancellationToken cancellationToken) => inner.ExistsAsync(key, cancellationToken);

    public IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);

    private void Pass()
    {
        if (_passed >= boundary)
        {
            throw new DiedException();
        }

        _passed++;
    }
}

/// <summary>The process died.</summary>
internal sealed class DiedException : Exception;
