using System.Globalization;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Scrubbing;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Contracts.Archive;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Archive.Roots;

/// <summary>
/// A tenant's chain of day roots as the archive has it: every document and attestation was verified, and that each names the one before.
/// Leaves are read when asked for.
/// </summary>
public sealed class RootChain
{
    private readonly List<DayRoot> _roots = [];
    private readonly List<string> _leftovers = [];
    private readonly Dictionary<DateOnly, DayRoot> _newest = [];

    private RootChain(TenantId tenant) => Tenant = tenant;

    /// <summary>Whose.</summary>
    public TenantId Tenant { get; }

    /// <summary>All that could be read, in the order of their numbers.</summary>
    public IReadOnlyList<DayRoot> Roots => _roots;

    /// <summary>The newest; null of an empty chain.</summary>
    public DayRoot? Head => _roots.Count == 0 ? null : _roots[^1];

    /// <summary>Objects that a crash left of the next root: no root yet, and overwritten by it.</summary>
    public IReadOnlyList<string> Leftovers => _leftovers;

    /// <summary>The newest root of a day; null when it has none.</summary>
    public DayRoot? NewestOf(DateOnly day) => _newest.GetValueOrDefault(day);

    /// <summary>Days with a root.</summary>
    public IEnumerable<DateOnly> Days => _newest.Keys;

    /// <summary>Reads and verifies a chain. Without a fault it is whole up to its head.</summary>
    /// <param name="known">A root that must be in it; only with it does a chain show that its newest roots were taken away.</param>
    /// <param name="onFault">Told of everything that is wrong.</param>
    public static async Task<RootChain> ReadAsync(
        IObjectStore store, TrustStore trust, TenantId tenant, RootHead? known, Action<RootFault> onFault, CancellationToken cancellationToken)
    {
        var chain = new RootChain(tenant);
        var objects = await chain.ListAsync(store, onFault, cancellationToken).ConfigureAwait(false);

        // The last number with a document is the head; what stands beyond it is of a root that was not finished.
        var last = Math.Max(objects.Where(o => o.Suffix == ArchiveLayout.RootSuffix).Select(o => o.Number).DefaultIfEmpty().Max(), known?.Number ?? 0);
        chain._leftovers.AddRange(objects.Where(o => o.Number == last + 1).Select(o => ArchiveLayout.RootKey(tenant, o.Number, o.Suffix)));
        foreach (var stray in objects.Where(o => o.Number > last + 1))
        {
            onFault(new RootFault(KnownFindings.RootMissing, ArchiveLayout.RootKey(tenant, stray.Number, stray.Suffix), $"the chain ends at root {last}"));
        }

        var roots = new RootStore(store, trust);
        DayRoot? before = null;
        for (var number = 1L; number <= last; number++)
        {
            var root = await roots.ReadAsync(tenant, number, onFault, cancellationToken).ConfigureAwait(false);
            if (root is not null)
            {
                chain.Add(root, before, isAfterGap: before?.NumberValue != number - 1 && number > 1, known, onFault);
                before = root;
            }
        }

        return chain;
    }

    /// <summary>Whether a root's leaves begin with all those of the same day's root before it; faults when not.</summary>
    public async Task<IReadOnlyList<RootLeaf>?> ReadContinuedLeavesAsync(RootStore roots, DayRoot root, Action<RootFault> onFault, CancellationToken cancellationToken)
    {
        if (await roots.ReadLeavesAsync(root, onFault, cancellationToken).ConfigureAwait(false) is not { } leaves)
        {
            return null;
        }

        // RFC 6962's consistency without its proof, since both trees are here: the earlier tree is that over the first leaves.
        if (root.ContinuesValue is { } number && _roots.Find(r => r.NumberValue == number) is { } earlier
            && (earlier.LeavesValue >= leaves.Count
                || Convert.ToHexStringLower(Evidence.Merkle.MerkleTree.HeadOf(RootLeaf.HashesOf([.. leaves.Take((int)earlier.LeavesValue)]))) != earlier.TreeHead))
        {
            onFault(new RootFault(KnownFindings.RootNotContinued, root.LeavesKey, $"its first leaves are not those of root {number} of the same day"));
        }

        if (leaves.FirstOrDefault(l => !IsOfDay(l.ManifestKey, root)) is { ManifestKey: { } stranger })
        {
            onFault(new RootFault(KnownFindings.RootLeavesDamaged, root.LeavesKey, $"'{stranger}' is not of tenant {root.Tenant} on {root.Day}"));
        }

        return leaves;
    }

    private static bool IsOfDay(string manifestKey, DayRoot root) =>
        Contracts.SignalNames.All.Any(s => manifestKey.StartsWith(ArchiveLayout.DayPrefix(root.Tenant, s, root.DayValue), StringComparison.Ordinal))
        && manifestKey.EndsWith(ArchiveLayout.ManifestSuffix, StringComparison.Ordinal);

    private void Add(DayRoot root, DayRoot? before, bool isAfterGap, RootHead? known, Action<RootFault> onFault)
    {
        if (!isAfterGap && root.Previous != before?.Sha256)
        {
            onFault(new RootFault(KnownFindings.RootChainBroken, root.Key, $"it does not name root {root.NumberValue - 1} as it stands here: one of them was replaced"));
        }

        if (known?.Number == root.NumberValue && known.Sha256 != root.Sha256)
        {
            onFault(new RootFault(KnownFindings.RootChainBroken, root.Key, $"root {known.Number} is known as {known.Sha256}, and here it is {root.Sha256}: it was replaced"));
        }

        if (root.ContinuesValue != _newest.GetValueOrDefault(root.DayValue)?.NumberValue && !isAfterGap)
        {
            onFault(new RootFault(KnownFindings.RootNotContinued, root.Key, $"it does not name the root before it of {root.Day}"));
        }

        _roots.Add(root);
        _newest[root.DayValue] = root;
    }

    private async Task<List<(long Number, string Suffix)>> ListAsync(IObjectStore store, Action<RootFault> onFault, CancellationToken cancellationToken)
    {
        var objects = new List<(long, string)>();
        var prefix = ArchiveLayout.RootsPrefix(Tenant);
        await foreach (var found in store.ListAsync(prefix, cancellationToken).ConfigureAwait(false))
        {
            var name = found.Key[prefix.Length..];
            var dot = name.IndexOf('.', StringComparison.Ordinal);
            var suffix = dot < 0 ? "" : name[dot..];
            if (suffix is ArchiveLayout.RootSuffix or ArchiveLayout.RootAttestationSuffix or ArchiveLayout.RootLeavesSuffix
                && long.TryParse(name.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && ArchiveLayout.RootKey(Tenant, number, suffix) == found.Key && number > 0)
            {
                objects.Add((number, suffix));
            }
            else
            {
                onFault(new RootFault(KnownFindings.ForeignObject, found.Key, "no root has such a name"));
            }
        }

        return objects;
    }
}
