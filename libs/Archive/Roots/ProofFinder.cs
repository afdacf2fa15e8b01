using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Archive.Tombstones;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Sigstore;

namespace StellaOps.Telemetry.Archive.Roots;

/// <summary>Makes proofs that chunks were in the archive, from the archive itself.</summary>
public sealed class ProofFinder(IObjectStore store, TrustStore trust)
{
    private readonly RootStore _roots = new(store, trust);

    /// <summary>The proof for a chunk, by the newest root of its day.</summary>
    /// <param name="key">Of its segment, its manifest, or its tombstone.</param>
    /// <exception cref="ProofNotFoundException">There is no such chunk, or no root answers for it.</exception>
    /// <exception cref="ArchiveDamagedException">Manifest or tombstone cannot be believed.</exception>
    public async Task<InclusionProof> FindAsync(string key, CancellationToken cancellationToken)
    {
        var name = ArchiveLayout.TryGetName(key, ArchiveLayout.SegmentSuffix) ?? ArchiveLayout.TryGetName(key, ArchiveLayout.ManifestSuffix)
            ?? ArchiveLayout.TryGetName(key, ArchiveLayout.TombstoneSuffix) ?? throw new ProofNotFoundException($"'{key}' is neither a segment nor a manifest nor a tombstone");
        if (!ObjectKey.IsValid(key))
        {
            throw new ProofNotFoundException($"'{key}' is no key of the archive");
        }

        var manifest = await ReadManifestAsync(name, cancellationToken).ConfigureAwait(false);
        var day = ArchiveLayout.DayOf(manifest.AcceptedFromUnixNano);
        var faults = new List<RootFault>();
        var chain = await RootChain.ReadAsync(store, trust, manifest.Tenant, null, faults.Add, cancellationToken).ConfigureAwait(false);
        if (chain.NewestOf(day) is not { } root)
        {
            throw new ProofNotFoundException($"no root answers for {day:yyyy-MM-dd} of tenant {manifest.Tenant} yet{(faults is [var first, ..] ? $": '{first.Key}': {first.What}" : "")}");
        }

        var leaves = await _roots.ReadLeavesAsync(root, faults.Add, cancellationToken).ConfigureAwait(false)
            ?? throw new ArchiveDamagedException(faults[^1].Key, faults[^1].What);
        var sha256 = InclusionProof.Sha256Of(manifest);
        if (!leaves.Contains(new RootLeaf(manifest.ManifestKey, sha256)))
        {
            throw new ProofNotFoundException(leaves.Any(l => l.ManifestKey == manifest.ManifestKey)
                ? $"root {root.Number} answers for another manifest of '{manifest.Segment}' than stands there: it was replaced"
                : $"no root answers for '{manifest.Segment}' yet: it came after root {root.Number} of its day");
        }

        var attestation = await store.ReadAllAsync(root.AttestationKey, SigstoreBundle.MaxBytes, cancellationToken).ConfigureAwait(false);
        return InclusionProof.Of(manifest, root, leaves, attestation);
    }

    private async Task<ChunkManifest> ReadManifestAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return await new ArchiveCatalog(store).ReadAsync(name + ArchiveLayout.ManifestSuffix, cancellationToken).ConfigureAwait(false);
        }
        catch (ObjectNotFoundException)
        {
            try
            {
                return (await new TombstoneStore(store, trust).ReadAsync(name + ArchiveLayout.TombstoneSuffix, cancellationToken).ConfigureAwait(false)).Manifest;
            }
            catch (ObjectNotFoundException e)
            {
                throw new ProofNotFoundException($"the archive has no chunk '{name}', and no tombstone of it", e);
            }
        }
    }
}

/// <summary>Nothing proves that a chunk is in the archive.</summary>
public sealed class ProofNotFoundException(string message, Exception? inner = null) : IOException(message, inner);
