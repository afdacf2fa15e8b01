using StellaOps.Telemetry.Egress;

namespace StellaOps.Telemetry.SiteProfile;

/// <summary>Where connections may go, as the site's profile says in its <c>sealed</c> block.</summary>
public static class SealedPolicy
{
    /// <summary>Null with every fault in the list. A site without a profile is not sealed.</summary>
    public static EgressPolicy? Load(SiteProfileSource source, List<string> faults)
    {
        ArgumentNullException.ThrowIfNull(source);
        return source.IsNamed ? source.Load(faults)?.Sealed.ToPolicy() : EgressPolicy.Open;
    }
}
