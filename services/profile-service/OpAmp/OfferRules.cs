using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.OpAmp.Server;
using StellaOps.Telemetry.OpAmp.Tracking;
using StellaOps.Telemetry.ProfileService.Agents;
using StellaOps.Telemetry.ProfileService.Deployments;

namespace StellaOps.Telemetry.ProfileService.OpAmp;

/// <summary>Whether an agent is offered what it should run.</summary>
internal static class OfferRules
{
    /// <summary>How long an offer on a connection is given before it is made again on the same connection.</summary>
    public static readonly TimeSpan OfferAgain = TimeSpan.FromSeconds(30);

    /// <summary>The offer; null: there is none, it has it, or it has said before that it cannot apply it.</summary>
    public static AgentRemoteConfig? OfferFor(AgentState state, AgentRecord record, DeploymentOffer? desired)
    {
        if (desired is null || !state.IsPresent || !state.Can(AgentCapabilities.AcceptsRemoteConfig))
        {
            return null;
        }

        var offer = record.IsGateway ? desired.Gateway : desired.Collector;
        return offer is null || state.LastConfigHash == offer.ConfigHash || record.RefusedHash == DeploymentOffer.HexOf(offer.ConfigHash) ? null : offer;
    }

    /// <summary>Whether it was made on this connection a moment ago, and the agent has yet to say something of it. Over HTTP each answer stands alone.</summary>
    public static bool IsPending(AgentEntry entry, OpAmpConnection connection, string hash, TimeProvider time) =>
        connection.Transport == OpAmpTransport.WebSocket
        && entry.Offered.ConnectionId == connection.Id
        && entry.Offered.Hash == hash
        && time.GetElapsedTime(entry.Offered.At) < OfferAgain;
}
