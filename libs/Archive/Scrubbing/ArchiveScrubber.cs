using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Roots;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Archive.Surveys;
using StellaOps.Telemetry.Contracts.Archive;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Archive.Scrubbing;

/// <summary>
/// Reads everything in the archive and compares it with what answers for it: segments with manifests, manifests with day roots, roots with
/// each other and with what is known of them elsewhere. It changes nothing.
/// </summary>
/// <param name="trust">Whose roots and tombstones are believed: keys of the use <see cref="KnownKeyUses.Archive"/>.</param>
public sealed class ArchiveScrubber(IObjectStore store, TrustStore trust, ScrubManner manner, TimeProvider time)
{
    /// <summary>Scrubs.</summary>
    /// <param name="tally">Takes what is found.</param>
    /// <param name="after">Where an earlier run of the same scope ended; null begins at the beginning.</param>
    /// <param name="onDay">Awaited after each day: keep cursor and tally, and the scrub can go on from there.</param>
    public async Task RunAsync(ScrubScope scope, ScrubTally tally, ScrubCursor? after, Func<ScrubCursor, Task> onDay, CancellationToken cancellationToken)
    {
        var prefix = scope.Tenant is { } only ? ArchiveLayout.TenantPrefix(only) : ArchiveLayout.Root;
        var survey = await ArchiveSurvey.ReadAsync(store, prefix, cancellationToken).ConfigureAwait(false);
        foreach (var foreign in survey.Foreign)
        {
            tally.Find(KnownFindings.ForeignObject, foreign, "no object of the archive has such a key");
        }

        var total = survey.Days.Where(d => scope.Has(d.Key.Day)).Sum(d => d.Value);
        var done = after?.DoneBytes ?? 0;

        // A tenant whose last root is known has a chain, even when nothing of it is left.
        IEnumerable<TenantId> tenants = scope.Tenant is { } one && !survey.Tenants.Contains(one) && manner.KnownHead(one) is not null ? [one] : survey.Tenants;
        foreach (var tenant in tenants.Where(t => after is null || string.CompareOrdinal(t.Value, after.Tenant) >= 0))
        {
            var resumed = after?.Tenant == tenant.Value;
            var chain = await ScrubRootsAsync(tenant, scope, tally, resumed, cancellationToken).ConfigureAwait(false);
            var day = new DayScrub(store, trust, manner, time, tally);
            foreach (var at in survey.Days.Keys.Where(d => d.Tenant == tenant).Select(d => d.Day).Concat(chain.Days).Distinct().Order().Where(scope.Has))
            {
                if (resumed && at <= after!.Day)
                {
                    continue;
                }

                await day.RunAsync(chain, at, cancellationToken).ConfigureAwait(false);
                done += survey.Days.GetValueOrDefault((tenant, at));
                await onDay(new ScrubCursor(tenant.Value, at, Math.Min(done, total), total)).ConfigureAwait(false);
            }
        }
    }

    private async Task<RootChain> ScrubRootsAsync(TenantId tenant, ScrubScope scope, ScrubTally tally, bool resumed, CancellationToken cancellationToken)
    {
        void Find(RootFault fault) => tally.Find(fault.Kind, fault.Key, fault.What);

        var chain = await RootChain.ReadAsync(store, trust, tenant, manner.KnownHead(tenant), Find, cancellationToken).ConfigureAwait(false);
        if (resumed)
        {
            return chain;
        }

        var roots = new RootStore(store, trust);
        foreach (var root in chain.Roots.Where(r => scope.Has(r.DayValue)))
        {
            await chain.ReadContinuedLeavesAsync(roots, root, Find, cancellationToken).ConfigureAwait(false);
            tally.Roots++;
        }

        foreach (var leftover in chain.Leftovers)
        {
            tally.Note($"{leftover}: of a root that was not finished; the next one overwrites it");
        }

        if (chain.Head is { } head)
        {
            tally.Head(tenant.Value, new RootHead(head.NumberValue, head.Sha256));
        }

        tally.Tenants++;
        return chain;
    }
}
