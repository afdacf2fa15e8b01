using StellaOps.Telemetry.Profiles.Signing;

namespace StellaOps.Telemetry.ProfileService.Versions;

/// <summary>What requests about versions may hold.</summary>
internal static class VersionRules
{
    public const int DefaultPageSize = 20;
    public const int MaxPageSize = 100;

    /// <summary>Approvals of one version; receivers take one more, which is left for a break-glass statement.</summary>
    public const int MaxApprovals = 15;

    /// <summary>One statement's bundle.</summary>
    private const int MaxBundleBytes = 64 * 1024;

    public static List<(string Field, string Message)> FaultsOfClosure(byte[]? closure) => closure switch
    {
        null or { Length: 0 } => [("closure", "is needed: base64 of the closure's bytes")],
        { Length: > ProfileClosure.MaxBytes } => [("closure", $"must have at most {ProfileClosure.MaxBytes} bytes")],
        _ => [],
    };

    public static List<(string Field, string Message)> FaultsOfBundle(string field, byte[]? bundle) => bundle switch
    {
        null or { Length: 0 } => [(field, "is needed: base64 of a Sigstore bundle")],
        { Length: > MaxBundleBytes } => [(field, $"must have at most {MaxBundleBytes} bytes")],
        _ => [],
    };
}
