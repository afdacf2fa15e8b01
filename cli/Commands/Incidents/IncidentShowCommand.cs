using System.CommandLine;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.Cli.Commands.Incidents;

internal sealed class IncidentShowCommand : StellaCommand
{
    private readonly Argument<string> _id = new("id") { Description = "The incident's id." };

    public IncidentShowCommand(CliHost host)
        : base(host, "show", "Shows an incident and what was done in it.")
    {
        Arguments.Add(_id);
    }

    public override IReadOnlyList<string> Examples => ["stella telemetry incident show inc-0192"];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        using var http = context.Connect(KnownServices.IncidentService, KnownScopes.IncidentsRead);
        var incident = await new IncidentClient(http).GetAsync(context.Arguments.GetRequiredValue(_id), cancellationToken);
        context.Output.Print(incident, ContractsJson.Default.IncidentResponse, i => IncidentTables.Of(i));
        if (context.Output.Format == OutputFormat.Table)
        {
            context.Output.Print(incident, ContractsJson.Default.IncidentResponse, IncidentTables.Timeline);
        }

        return CliExitCodes.Done;
    }
}
