namespace StellaOps.Telemetry.Evidence.Kits.Installing;

/// <summary>What an import did.</summary>
public enum KitImportOutcome
{
    Installed,
    Upgraded,
    Downgraded,
    RolledBack,
    AlreadyInForce,

    /// <summary>It is the release in force, and files of it were missing or changed.</summary>
    Mended,

    /// <summary>Nothing was changed: the kit is older than the one in force.</summary>
    OlderRefused,
}

/// <summary>An import and where it leads.</summary>
/// <param name="Before">The release in force until then.</param>
public sealed record KitImport(KitImportOutcome Outcome, string Release, string? Before, KitManifest? BeforeManifest, KitManifest Manifest);
