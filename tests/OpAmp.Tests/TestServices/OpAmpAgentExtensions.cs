using Google.Protobuf;
using StellaOps.Telemetry.OpAmp.Client;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.Tests.Shared.OpAmp;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.OpAmp.Tests;

internal static class OpAmpAgentExtensions
{
    /// <summary>Completes when the agent has taken what it was sent: it answers what is asked after it.</summary>
    public static async Task SettledAsync(this OpAmpAgent agent, OpAmpHost host, CancellationToken cancellationToken)
    {
        var full = host.Server.Messages.Count(m => m.AgentDescription is not null);
        Assert.True(await host.Server.PushAsync(agent.InstanceUid, new ServerToAgent { InstanceUid = ByteString.Empty, Flags = (ulong)ServerToAgentFlags.ReportFullState }, cancellationToken));
        await Eventually.HoldsAsync(() => host.Server.Messages.Count(m => m.AgentDescription is not null) > full, RunningAgent.Patience, "the agent said its full state");
    }
}
