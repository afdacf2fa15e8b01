using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.SiteProfile;

namespace StellaOps.Telemetry.IncidentService.Notify.Sealing;

/// <summary>Where connections may go, as the site's profile says in its <c>sealed</c> block.</summary>
internal static class SealedPolicy
{
    /// <summary>Null with every fault in the list. A site without a profile is not sealed.</summary>
    public static EgressPolicy? Load(SiteProfileSource source, List<string> faults) =>
        source.IsNamed ? source.Load(faults)?.Sealed.ToPolicy() : EgressPolicy.Open;
}
