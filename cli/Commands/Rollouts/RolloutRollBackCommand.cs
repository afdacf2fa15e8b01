using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts.Rollouts;

namespace StellaOps.Telemetry.Cli.Commands.Rollouts;

internal sealed class RolloutRollBackCommand(CliHost host) : RolloutChangeCommand(host, "rollback", "Gives every agent that a rollout touched what it ran before.")
{
    protected override Task<RolloutResponse> ChangeAsync(ProfileClient client, string id, ChangeRolloutRequest request, CancellationToken cancellationToken) =>
        client.RollBackAsync(id, request, cancellationToken);
}
