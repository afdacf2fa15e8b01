using System.CommandLine;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.Cli.Commands.Incidents;

internal sealed class IncidentShowCommand : StellaCommand
{
    private readonly Argument<string> _id = new("id") { Description = "The incident's id." };
    private readonly Option<bool> _watch = new("--watch") { Description = "Follow it, and what it costs, until it has ended. Ctrl-C changes nothing." };

    public IncidentShowCommand(CliHost host)
        : base(host, "show", "Shows an incident, what it costs while it runs, and what was done in it.")
    {
        Arguments.Add(_id);
        Options.Add(_watch);
    }

    public override IReadOnlyList<string> Examples => ["stella telemetry incident show inc-0192", "stella telemetry incident show inc-0192 --watch"];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        using var http = context.Connect(KnownServices.IncidentService, KnownScopes.IncidentsRead);
        var client = new IncidentClient(http);
        var incident = await client.GetAsync(context.Arguments.GetRequiredValue(_id), cancellationToken);
        if (context.Arguments.GetValue(_watch))
        {
            incident = await new IncidentWatch(context, client).FollowAsync(incident, cancellationToken);
        }

        context.Output.Print(incident, ContractsJson.Default.IncidentResponse, IncidentTables.Details);
        if (context.Output.Format == OutputFormat.Table)
        {
            context.Output.Print(incident, ContractsJson.Default.IncidentResponse, IncidentTables.Timeline);
        }

        return CliExitCodes.Done;
    }
}
