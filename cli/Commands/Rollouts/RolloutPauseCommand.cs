using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts.Rollouts;

namespace StellaOps.Telemetry.Cli.Commands.Rollouts;

internal sealed class RolloutPauseCommand(CliHost host) : RolloutChangeCommand(host, "pause", "Offers a rollout to nobody else until it is resumed.")
{
    protected override Task<RolloutResponse> ChangeAsync(ProfileClient client, string id, ChangeRolloutRequest request, CancellationToken cancellationToken) =>
        client.PauseRolloutAsync(id, request, cancellationToken);
}
