namespace StellaOps.Telemetry.Contracts.Trust;

/// <summary>What a receiver asks of profiles beyond good signatures.</summary>
/// <param name="Approvals">
/// Approvals that a profile needs, by its name; <c>*</c> for those without an entry. A profile needs what any of its ancestors needs.
/// <c>forensic</c> and <c>airgap</c> need one unless they have an entry.
/// </param>
/// <param name="Floors">The lowest version that is taken, by the profile's name.</param>
public sealed record ProfileTrust(IReadOnlyDictionary<string, int>? Approvals, IReadOnlyDictionary<string, long>? Floors)
{
    /// <summary>Stands for every profile without an entry of its own.</summary>
    public const string AnyProfile = "*";
}
