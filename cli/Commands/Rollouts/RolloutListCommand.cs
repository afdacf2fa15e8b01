using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.Cli.Commands.Rollouts;

internal sealed class RolloutListCommand(CliHost host) : StellaCommand(host, "list", "Lists rollouts, newest first.")
{
    public override IReadOnlyList<string> Examples => ["stella telemetry rollout list"];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        using var http = context.Connect(KnownServices.ProfileService, KnownScopes.ProfilesRead);
        var rollouts = await Paging.AllAsync(cursor => new ProfileClient(http).ListRolloutsAsync(cursor, cancellationToken));
        context.Output.Print(rollouts, ContractsJson.Default.PageRolloutResponse, r => RolloutTables.Of(r.Items));
        return CliExitCodes.Done;
    }
}
