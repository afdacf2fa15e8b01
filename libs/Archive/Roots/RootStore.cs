using System.Security.Cryptography;
using System.Text.Json;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Scrubbing;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Merkle;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Sigstore;

namespace StellaOps.Telemetry.Archive.Roots;

/// <summary>Reads and writes roots, each three objects: list of leaves, attestation, and last the document.</summary>
/// <param name="trust">Whose roots are believed: keys of the use <see cref="KnownKeyUses.Archive"/>.</param>
public sealed class RootStore(IObjectStore store, TrustStore trust)
{
    /// <summary>Puts a root. What a crash leaves is no root, and is overwritten by the next of that number.</summary>
    /// <param name="key">Of the use <see cref="KnownKeyUses.Archive"/>.</param>
    public async Task PutAsync(DayRoot root, IReadOnlyList<RootLeaf> leaves, SigningKey key, CancellationToken cancellationToken)
    {
        var document = root.ToJson();
        await store.PutAsync(root.LeavesKey, RootLeaf.WriteList(leaves), cancellationToken).ConfigureAwait(false);
        await store.PutAsync(root.AttestationKey, Attest(root, key), cancellationToken).ConfigureAwait(false);
        await store.PutAsync(root.Key, document, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The attestation: a Sigstore bundle whose subject is the document and whose predicate is its content.</summary>
    public static byte[] Attest(DayRoot root, SigningKey key)
    {
        using var predicate = JsonDocument.Parse(root.ToJson());
        return SigstoreBundle.SignStatement(
            new Statement(Statement.StatementType, [new StatementSubject(NameOf(root.Key), new StatementDigest(root.Sha256))], DayRoot.PredicateType, predicate.RootElement), key);
    }

    /// <summary>Why an attestation is not one of this document by a key that may; null when it is.</summary>
    public static string? FaultOf(ReadOnlyMemory<byte> attestation, DayRoot root, IEnumerable<VerificationKey> keys)
    {
        if (!SigstoreBundle.TryParse(attestation, out var bundle, out var error))
        {
            return $"its attestation is no Sigstore bundle: {error}";
        }

        if (!keys.Any(bundle.IsStatementSignedBy))
        {
            return $"its attestation is not signed by a key that is trusted for '{KnownKeyUses.Archive}'";
        }

        if (bundle.Envelope!.PayloadType != Statement.PayloadType || !Statement.TryParse(bundle.Envelope.Payload.Span, out var statement) || statement.PredicateType != DayRoot.PredicateType)
        {
            return $"its attestation is no statement of the type {DayRoot.PredicateType}";
        }

        return statement.Subject is [var subject] && subject.Name == NameOf(root.Key) && subject.Digest.Sha256 == root.Sha256
            && Evidence.Canonical.CanonicalJson.Canonicalize(statement.Predicate).AsSpan().SequenceEqual(root.ToJson())
            ? null
            : "its attestation is of another document";
    }

    /// <summary>Reads one root and judges its signature; null and a fault when it is not what it should be.</summary>
    public async Task<DayRoot?> ReadAsync(TenantId tenant, long number, Action<RootFault> onFault, CancellationToken cancellationToken)
    {
        var key = ArchiveLayout.RootKey(tenant, number, ArchiveLayout.RootSuffix);
        if (await TryReadAsync(key, DayRoot.MaxBytes, KnownFindings.RootMissing, "the chain has no such root", onFault, cancellationToken).ConfigureAwait(false) is not { } document)
        {
            return null;
        }

        if (!DayRoot.TryParse(document, out var root))
        {
            onFault(new RootFault(KnownFindings.RootDamaged, key, "it is no root document"));
            return null;
        }

        if (root.Key != key)
        {
            onFault(new RootFault(KnownFindings.RootDamaged, key, $"it is root {root.Number} of tenant {root.Tenant}"));
            return null;
        }

        if (await TryReadAsync(root.AttestationKey, SigstoreBundle.MaxBytes, KnownFindings.RootForged, "the root has no attestation", onFault, cancellationToken).ConfigureAwait(false) is not { } attestation)
        {
            return null;
        }

        if (FaultOf(attestation, root, trust.KeysFor(KnownKeyUses.Archive).Select(k => k.Key)) is { } fault)
        {
            onFault(new RootFault(KnownFindings.RootForged, root.AttestationKey, fault));
            return null;
        }

        return root;
    }

    /// <summary>Reads a root's leaves, and recomputes its tree; null and a fault when they are not those that it names.</summary>
    public async Task<IReadOnlyList<RootLeaf>?> ReadLeavesAsync(DayRoot root, Action<RootFault> onFault, CancellationToken cancellationToken)
    {
        if (await TryReadAsync(root.LeavesKey, RootLeaf.MaxListBytes, KnownFindings.RootLeavesDamaged, "the root has no list of leaves", onFault, cancellationToken).ConfigureAwait(false) is not { } list)
        {
            return null;
        }

        if (Convert.ToHexStringLower(SHA256.HashData(list)) != root.LeavesSha256 || !RootLeaf.TryReadList(list, out var leaves) || leaves.Count != root.LeavesValue)
        {
            onFault(new RootFault(KnownFindings.RootLeavesDamaged, root.LeavesKey, "it is not the list that the root names"));
            return null;
        }

        if (Convert.ToHexStringLower(MerkleTree.HeadOf(RootLeaf.HashesOf(leaves))) != root.TreeHead)
        {
            onFault(new RootFault(KnownFindings.RootLeavesDamaged, root.LeavesKey, "its leaves do not give the tree head that the root names"));
            return null;
        }

        return leaves;
    }

    private async Task<byte[]?> TryReadAsync(string key, int maxBytes, string ifMissing, string whatIfMissing, Action<RootFault> onFault, CancellationToken cancellationToken)
    {
        try
        {
            return await store.ReadAllAsync(key, maxBytes, cancellationToken).ConfigureAwait(false);
        }
        catch (ObjectNotFoundException)
        {
            onFault(new RootFault(ifMissing, key, whatIfMissing));
        }
        catch (ArchiveDamagedException e)
        {
            onFault(new RootFault(KnownFindings.RootDamaged, key, e.What));
        }

        return null;
    }

    private static string NameOf(string key) => key[(key.LastIndexOf('/') + 1)..];
}
