using System.CommandLine;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Incidents;

namespace StellaOps.Telemetry.Cli.Commands.Incidents;

internal sealed class IncidentStopCommand : StellaCommand
{
    private readonly Argument<string> _id = new("id") { Description = "The incident's id." };
    private readonly Option<bool> _now = new("--now") { Description = "Skip the cooldown: sampling reverts at once." };
    private readonly Option<string?> _reason = new("--reason") { Description = "Why.", HelpName = "TEXT" };

    public IncidentStopCommand(CliHost host)
        : base(host, "stop", "Ends an incident; sampling stays raised through its cooldown.")
    {
        Arguments.Add(_id);
        Options.Add(_now);
        Options.Add(_reason);
    }

    public override IReadOnlyList<string> Examples => ["stella telemetry incident stop inc-0192", "stella telemetry incident stop inc-0192 --now --reason \"rolled back\""];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        using var http = context.Connect(KnownServices.IncidentService, KnownScopes.IncidentsWrite);
        var request = new StopIncidentRequest(context.Arguments.GetValue(_now), context.Arguments.GetValue(_reason));
        var incident = await new IncidentClient(http).StopAsync(context.Arguments.GetRequiredValue(_id), request, cancellationToken);
        context.Output.Print(incident, ContractsJson.Default.IncidentResponse, i => IncidentTables.Of(i));
        return CliExitCodes.Done;
    }
}
