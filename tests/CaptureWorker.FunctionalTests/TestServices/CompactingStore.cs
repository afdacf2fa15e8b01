using StellaOps.Telemetry.Archive.Compaction;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Tests.Shared.Auth;

namespace StellaOps.Telemetry.CaptureWorker.FunctionalTests.TestServices;

/// <summary>Joins an hour's chunks right before its user opens the n-th segment (from 1).</summary>
internal sealed class CompactingStore(IObjectStore inner, TestIdentities identities, string spool, long hour, int before) : IObjectStore
{
    private int _opened;

    /// <summary>Chunks that were joined.</summary>
    public int Joined { get; private set; }

    public async Task<Stream> OpenReadAsync(string key, CancellationToken cancellationToken)
    {
        if (key.EndsWith(ArchiveLayout.SegmentSuffix, StringComparison.Ordinal) && ++_opened == before)
        {
            var compactor = new Compactor(
                inner, identities.Trust, identities.Key(KnownServices.CaptureWorker), new CompactionRules(1024 * 1024, 1024 * 1024, 2), spool, TimeProvider.System);
            Joined += (await compactor.RunAsync(CaptureFixture.Tenant, Signal.Traces, hour, (_, e) => throw e, _ => Task.CompletedTask, cancellationToken)).Sum(r => r.Replaced.Count);
        }

        return await inner.OpenReadAsync(key, cancellationToken);
    }

    public Task PutAsync(string key, Stream content, CancellationToken cancellationToken) => inner.PutAsync(key, content, cancellationToken);

    public Task<bool> ExistsAsync(string key, CancellationToken cancellationToken) => inner.ExistsAsync(key, cancellationToken);

    public IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);

    public Task DeleteAsync(string key, CancellationToken cancellationToken) => inner.DeleteAsync(key, cancellationToken);
}
