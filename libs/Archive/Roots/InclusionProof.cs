using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Evidence.Canonical;
using StellaOps.Telemetry.Evidence.Merkle;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Archive.Roots;

/// <summary>
/// That a chunk was in the archive when a root was written, to be verified with nothing but the signer's public key.
/// </summary>
/// <param name="Manifest">The chunk's manifest, verbatim.</param>
/// <param name="LeafIndex">Its place among the root's leaves, from 0, decimal text.</param>
/// <param name="Path">Siblings from the leaf upwards, lower-case hex.</param>
/// <param name="Root">The root document, verbatim.</param>
/// <param name="Attestation">The root's attestation, a Sigstore bundle.</param>
public sealed record InclusionProof(string Schema, ChunkManifest Manifest, string LeafIndex, IReadOnlyList<string> Path, DayRoot Root, JsonElement Attestation)
{
    /// <summary>The schema of this form.</summary>
    public const string SchemaId = "https://stella-ops.org/telemetry/inclusion-proof/v1";

    /// <summary>The longest proof that is read, in bytes.</summary>
    public const int MaxBytes = 8 * 1024 * 1024;

    /// <summary>Makes the proof for one of the root's leaves.</summary>
    /// <param name="leaves">All of the root's, in their order.</param>
    /// <exception cref="ArgumentException">The manifest is none of them.</exception>
    public static InclusionProof Of(ChunkManifest manifest, DayRoot root, IReadOnlyList<RootLeaf> leaves, ReadOnlyMemory<byte> attestation)
    {
        var leaf = new RootLeaf(manifest.ManifestKey, Sha256Of(manifest));
        var index = leaves.ToList().IndexOf(leaf);
        if (index < 0)
        {
            throw new ArgumentException($"root {root.Number} does not answer for '{manifest.ManifestKey}'", nameof(manifest));
        }

        using var bundle = JsonDocument.Parse(attestation);
        return new InclusionProof(
            SchemaId,
            manifest,
            index.ToString(CultureInfo.InvariantCulture),
            [.. MerkleTree.PathOf(RootLeaf.HashesOf(leaves), index).Select(Convert.ToHexStringLower)],
            root,
            bundle.RootElement.Clone());
    }

    /// <summary>Canonical JSON.</summary>
    public byte[] ToJson() => CanonicalJson.Serialize(this, ArchiveJson.Default.InclusionProof);

    /// <summary>Reads a proof; false on anything that <see cref="ToJson"/> cannot have written.</summary>
    public static bool TryParse(ReadOnlySpan<byte> json, [NotNullWhen(true)] out InclusionProof? proof)
    {
        proof = null;
        try
        {
            var read = JsonSerializer.Deserialize(json, ArchiveJson.Default.InclusionProof);
            if (read is not { Schema: SchemaId } || !ChunkManifest.TryParse(read.Manifest.ToJson(), out _) || !DayRoot.TryParse(read.Root.ToJson(), out _)
                || !read.ToJson().AsSpan().SequenceEqual(json))
            {
                return false;
            }

            proof = read;
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Why the proof does not hold; null when it does.</summary>
    /// <param name="keys">Keys that are trusted to sign roots.</param>
    public string? FindFault(IEnumerable<VerificationKey> keys)
    {
        if (RootStore.FaultOf(CanonicalJson.Canonicalize(Attestation), Root, keys) is { } fault)
        {
            return fault;
        }

        if (Root.Tenant != Manifest.Tenant || ArchiveLayout.DayOf(Manifest.AcceptedFromUnixNano) != Root.DayValue)
        {
            return $"the root is of tenant {Root.Tenant} on {Root.Day}, the chunk is not";
        }

        return long.TryParse(LeafIndex, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && Path.All(RootLeaf.IsSha256)
            && MerkleTree.Verify(
                new RootLeaf(Manifest.ManifestKey, Sha256Of(Manifest)).Hash(), index, Root.LeavesValue, [.. Path.Select(Convert.FromHexString)], Convert.FromHexString(Root.TreeHead))
            ? null
            : "the path does not lead from the manifest to the root's tree head";
    }

    internal static string Sha256Of(ChunkManifest manifest) => Convert.ToHexStringLower(SHA256.HashData(manifest.ToJson()));
}
