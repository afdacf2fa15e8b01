using StellaOps.Telemetry.Evidence.Bundles;

namespace StellaOps.Telemetry.Cli.Commands.Evidence;

/// <summary>What <c>verify</c> prints.</summary>
/// <param name="Records">By signal, as the manifest says; believe it only when <see cref="Ok"/>.</param>
/// <param name="Signatures">Who of those that may have signed did.</param>
internal sealed record VerificationReport(
    bool Ok, string? Bundle, string? ArchiveHash, IReadOnlyDictionary<string, long>? Records, IReadOnlyList<BundleSignature> Signatures, IReadOnlyList<VerificationCheck> Checks)
{
    public static VerificationReport Of(BundleVerification verification) => new(
        verification.Ok,
        verification.Name,
        verification.ArchiveHash,
        verification.Manifest?.Signals.ToDictionary(s => s.Key, s => s.Value.Records),
        verification.Signatures,
        verification.Checks);
}
