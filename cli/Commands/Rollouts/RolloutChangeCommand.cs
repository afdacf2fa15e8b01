using System.CommandLine;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Rollouts;

namespace StellaOps.Telemetry.Cli.Commands.Rollouts;

/// <summary>What a person does to a rollout under way, and why.</summary>
internal abstract class RolloutChangeCommand : StellaCommand
{
    private readonly Argument<string> _id = RolloutOptions.Id();
    private readonly Option<string?> _reason = RolloutOptions.Reason();

    protected RolloutChangeCommand(CliHost host, string name, string description)
        : base(host, name, description)
    {
        Arguments.Add(_id);
        Options.Add(_reason);
    }

    public override IReadOnlyList<string> Examples => [$"stella telemetry rollout {Name} rol-0192 --reason \"a customer complains\""];

    protected abstract Task<RolloutResponse> ChangeAsync(ProfileClient client, string id, ChangeRolloutRequest request, CancellationToken cancellationToken);

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        using var http = context.Connect(KnownServices.ProfileService, KnownScopes.ProfilesDeploy);
        var request = new ChangeRolloutRequest(context.Arguments.GetValue(_reason));
        var rollout = await ChangeAsync(new ProfileClient(http), context.Arguments.GetRequiredValue(_id), request, cancellationToken);
        context.Output.Print(rollout, ContractsJson.Default.RolloutResponse, r => RolloutTables.Of(r));
        return CliExitCodes.Done;
    }
}
