using StellaOps.Telemetry.Contracts.Trust;

namespace StellaOps.Telemetry.Profiles.Signing;

/// <summary>What a receiver asks of a profile beyond good signatures: the trust file's rules over the built-in ones.</summary>
public sealed class ApprovalPolicy(ProfileTrust? trust)
{
    private static readonly string[] s_approvedByDefault = ["forensic", "airgap"];

    /// <summary>Approvals that a profile needs: what the strictest of its lineage asks for.</summary>
    /// <param name="lineage">The profile and its ancestors.</param>
    public int NeededFor(IReadOnlyList<string> lineage) => lineage.Select(Needed).DefaultIfEmpty(0).Max();

    /// <summary>The lowest version that is taken, by the trust file; 0 when it names none.</summary>
    public long FloorOf(string profile) => trust?.Floors?.GetValueOrDefault(profile) ?? 0;

    private int Needed(string profile)
    {
        if (trust?.Approvals?.TryGetValue(profile, out var own) is true)
        {
            return own;
        }

        var others = trust?.Approvals?.GetValueOrDefault(ProfileTrust.AnyProfile) ?? 0;
        return Math.Max(others, s_approvedByDefault.Contains(profile) ? 1 : 0);
    }
}
