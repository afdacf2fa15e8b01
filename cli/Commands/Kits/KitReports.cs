using StellaOps.Telemetry.Evidence.Kits;
using StellaOps.Telemetry.Evidence.Kits.Installing;

namespace StellaOps.Telemetry.Cli.Commands.Kits;

/// <summary>What <c>kit build</c> prints.</summary>
internal sealed record KitBuildReport(
    string Kit, string Version, string Commit, DateTimeOffset FreshUntil, string Sha256, long Bytes, int FilesInside, long BytesInside, string KeyId, string Folder, IReadOnlyList<string> Files, IReadOnlyList<KitAbsence> Absent);

/// <summary>What <c>kit verify</c> prints.</summary>
/// <param name="Warnings">Checks that hold and that somebody should look at.</param>
internal sealed record KitVerifyReport(bool Ok, int Warnings, string? Kit, string? Version, string? Sha256, IReadOnlyList<KitCheck> Checks)
{
    public static KitVerifyReport Of(KitVerification verification) => new(
        verification.Ok,
        verification.Checks.Count(c => c.State == KitCheckState.Warning),
        verification.Delivery?.Name,
        verification.Predicate?.Version,
        verification.ArchiveSha256,
        verification.Checks);
}

/// <summary>What <c>kit import</c> and <c>kit rollback</c> print.</summary>
internal sealed record KitImportReport(KitImportOutcome Outcome, string Release, string? Before, string Version, string Folder);

/// <summary>What <c>kit split</c> prints.</summary>
internal sealed record KitSplitReport(string Transfer, string Kit, int Pieces, long StreamBytes, string StreamSha256, string Folder, IReadOnlyList<string> Written);
