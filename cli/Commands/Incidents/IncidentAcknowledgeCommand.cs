using System.CommandLine;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Incidents;

namespace StellaOps.Telemetry.Cli.Commands.Incidents;

internal sealed class IncidentAcknowledgeCommand : StellaCommand
{
    private readonly Argument<string> _id = new("id") { Description = "The incident's id." };
    private readonly Option<string?> _reason = new("--reason") { Description = "Why, or what is being done.", HelpName = "TEXT" };

    public IncidentAcknowledgeCommand(CliHost host)
        : base(host, "acknowledge", "Says that somebody looks after an incident: nobody else is called.")
    {
        Arguments.Add(_id);
        Options.Add(_reason);
    }

    public override IReadOnlyList<string> Examples => ["stella telemetry incident acknowledge inc-0192", "stella telemetry incident acknowledge inc-0192 --reason \"rolling back\""];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        using var http = context.Connect(KnownServices.IncidentService, KnownScopes.IncidentsWrite);
        var request = new AcknowledgeIncidentRequest(context.Arguments.GetValue(_reason));
        var incident = await new IncidentClient(http).AcknowledgeAsync(context.Arguments.GetRequiredValue(_id), request, cancellationToken);
        context.Output.Print(incident, ContractsJson.Default.IncidentResponse, i => IncidentTables.Of(i));
        return CliExitCodes.Done;
    }
}
