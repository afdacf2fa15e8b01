using System.CommandLine;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.Cli.Commands.Rollouts;

internal sealed class RolloutShowCommand : StellaCommand
{
    private readonly Argument<string> _id = RolloutOptions.Id();
    private readonly Option<bool> _agents = new("--agents") { Description = "List its agents instead, with what each said." };

    public RolloutShowCommand(CliHost host)
        : base(host, "show", "Shows a rollout, its timeline and its agents.")
    {
        Arguments.Add(_id);
        Options.Add(_agents);
    }

    public override IReadOnlyList<string> Examples => ["stella telemetry rollout show rol-0192", "stella telemetry rollout show rol-0192 --agents --output json"];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var id = context.Arguments.GetRequiredValue(_id);
        using var http = context.Connect(KnownServices.ProfileService, KnownScopes.ProfilesRead);
        var client = new ProfileClient(http);
        var agents = await Paging.AllAsync(cursor => client.ListRolloutAgentsAsync(id, cursor, cancellationToken));
        if (context.Arguments.GetValue(_agents))
        {
            context.Output.Print(agents, ContractsJson.Default.PageRolloutAgentResponse, RolloutTables.Agents);
            return CliExitCodes.Done;
        }

        var rollout = await client.GetRolloutAsync(id, cancellationToken);
        context.Output.Print(rollout, ContractsJson.Default.RolloutResponse, r => RolloutTables.Of(r));
        if (context.Output.Format == OutputFormat.Table)
        {
            context.Output.Print(rollout, ContractsJson.Default.RolloutResponse, RolloutTables.Gate);
            context.Output.Print(rollout, ContractsJson.Default.RolloutResponse, RolloutTables.Timeline);
            context.Output.Print(agents, ContractsJson.Default.PageRolloutAgentResponse, RolloutTables.Agents);
        }

        return CliExitCodes.Done;
    }
}
