using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Configuration;

/// <summary>A part of the gateway that follows the profile while it runs.</summary>
internal interface IProfileFollower
{
    /// <summary>What of the next profile this part cannot take over without a restart; each says what, and how to mend it.</summary>
    IEnumerable<string> FaultsOf(GatewaySettings current, GatewaySettings next);

    /// <summary>Takes it over. Only after nobody found a fault; does not throw.</summary>
    void Apply(GatewaySettings next);
}
