using System.CommandLine;
using StellaOps.Telemetry.Cli.Time;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Incidents;

namespace StellaOps.Telemetry.Cli.Commands.Incidents;

internal sealed class IncidentExtendCommand : StellaCommand
{
    private readonly Argument<string> _id = new("id") { Description = "The incident's id." };
    private readonly Option<string> _ttl = new("--ttl") { Description = "How long it lasts from now.", Required = true, HelpName = "DURATION" };
    private readonly Option<string?> _reason = new("--reason") { Description = "Why.", HelpName = "TEXT" };

    public IncidentExtendCommand(CliHost host)
        : base(host, "extend", "Keeps an incident active for longer.")
    {
        Arguments.Add(_id);
        Options.Add(_ttl);
        Options.Add(_reason);
    }

    public override IReadOnlyList<string> Examples => ["stella telemetry incident extend inc-0192 --ttl 2h"];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var ttl = Duration.Parse(context.Arguments.GetRequiredValue(_ttl), "--ttl");
        using var http = context.Connect(KnownServices.IncidentService, KnownScopes.IncidentsWrite);
        var request = new ExtendIncidentRequest((int)ttl.TotalSeconds, context.Arguments.GetValue(_reason));
        var incident = await new IncidentClient(http).ExtendAsync(context.Arguments.GetRequiredValue(_id), request, cancellationToken);
        context.Output.Print(incident, ContractsJson.Default.IncidentResponse, i => IncidentTables.Of(i));
        return CliExitCodes.Done;
    }
}
