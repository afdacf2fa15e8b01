using System.CommandLine;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Rollouts;

namespace StellaOps.Telemetry.Cli.Commands.Rollouts;

internal sealed class RolloutPauseCommand : StellaCommand
{
    private readonly Argument<string> _id = RolloutOptions.Id();
    private readonly Option<string?> _reason = RolloutOptions.Reason();

    public RolloutPauseCommand(CliHost host)
        : base(host, "pause", "Offers a rollout to nobody else until it is resumed.")
    {
        Arguments.Add(_id);
        Options.Add(_reason);
    }

    public override IReadOnlyList<string> Examples => ["stella telemetry rollout pause rol-0192 --reason \"a customer complains\""];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        using var http = context.Connect(KnownServices.ProfileService, KnownScopes.ProfilesDeploy);
        var rollout = await new ProfileClient(http).PauseRolloutAsync(
            context.Arguments.GetRequiredValue(_id), new ChangeRolloutRequest(context.Arguments.GetValue(_reason)), cancellationToken);
        context.Output.Print(rollout, ContractsJson.Default.RolloutResponse, r => RolloutTables.Of(r));
        return CliExitCodes.Done;
    }
}
