using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts.Rollouts;

namespace StellaOps.Telemetry.Cli.Commands.Rollouts;

internal sealed class RolloutResumeCommand(CliHost host) : RolloutChangeCommand(host, "resume", "Goes on with a paused rollout, without the agents that were silent.")
{
    protected override Task<RolloutResponse> ChangeAsync(ProfileClient client, string id, ChangeRolloutRequest request, CancellationToken cancellationToken) =>
        client.ResumeRolloutAsync(id, request, cancellationToken);
}
