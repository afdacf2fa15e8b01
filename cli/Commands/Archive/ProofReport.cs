using StellaOps.Telemetry.Archive.Roots;
using StellaOps.Telemetry.Evidence.Bundles;

namespace StellaOps.Telemetry.Cli.Commands.Archive;

/// <summary>What <c>prove</c> prints.</summary>
internal sealed record ProofReport(string File, string Chunk, string Tenant, string Day, string Root, string Leaf, string Leaves)
{
    public static ProofReport Of(string file, InclusionProof proof) => new(
        file, proof.Manifest.Segment, proof.Manifest.Tenant.Value, proof.Root.Day, proof.Root.Number, proof.LeafIndex, proof.Root.Leaves);
}

/// <summary>What <c>verify-proof</c> prints.</summary>
/// <param name="Records">As the manifest says; believe it only when <see cref="Ok"/>.</param>
internal sealed record ProofVerification(bool Ok, string? Chunk, string? Tenant, string? Day, string? Root, long? Records, IReadOnlyList<VerificationCheck> Checks);
