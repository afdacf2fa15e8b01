namespace StellaOps.Telemetry.Evidence.Kits;

/// <summary>How a check ended.</summary>
public enum KitCheckState
{
    Ok,

    /// <summary>The kit is what was signed, and somebody should look at this.</summary>
    Warning,
    Failed,
}

/// <summary>One thing that was looked at.</summary>
/// <param name="Detail">What was found, or what is wrong.</param>
public sealed record KitCheck(string Name, KitCheckState State, string Detail)
{
    internal static KitCheck Of(string name, bool ok, string detail) => new(name, ok ? KitCheckState.Ok : KitCheckState.Failed, detail);
}

/// <summary>What came of it.</summary>
/// <param name="Predicate">What the attestation says; null when none of the keys signed it.</param>
/// <param name="Manifest">Null when it could not be read. Believe it only when <see cref="Ok"/>.</param>
public sealed record KitVerification(IReadOnlyList<KitCheck> Checks, KitDelivery? Delivery, string? ArchiveSha256, string? Signer, KitPredicate? Predicate, KitManifest? Manifest)
{
    /// <summary>Names of the files that the statement names beside the archive.</summary>
    public IReadOnlyList<string> Companions { get; init; } = [];

    /// <summary>Whether no check failed.</summary>
    public bool Ok => Checks.Count > 0 && Checks.All(c => c.State != KitCheckState.Failed);
}
