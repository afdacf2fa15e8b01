using System.CommandLine;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Rollouts;

namespace StellaOps.Telemetry.Cli.Commands.Rollouts;

internal sealed class RolloutRollBackCommand : StellaCommand
{
    private readonly Argument<string> _id = RolloutOptions.Id();
    private readonly Option<string?> _reason = RolloutOptions.Reason();

    public RolloutRollBackCommand(CliHost host)
        : base(host, "rollback", "Gives every agent that a rollout touched what it ran before.")
    {
        Arguments.Add(_id);
        Options.Add(_reason);
    }

    public override IReadOnlyList<string> Examples => ["stella telemetry rollout rollback rol-0192 --reason \"a customer complains\""];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        using var http = context.Connect(KnownServices.ProfileService, KnownScopes.ProfilesDeploy);
        var rollout = await new ProfileClient(http).RollBackAsync(
            context.Arguments.GetRequiredValue(_id), new ChangeRolloutRequest(context.Arguments.GetValue(_reason)), cancellationToken);
        context.Output.Print(rollout, ContractsJson.Default.RolloutResponse, r => RolloutTables.Of(r));
        return CliExitCodes.Done;
    }
}
