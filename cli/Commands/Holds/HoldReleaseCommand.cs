using System.CommandLine;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Holds;

namespace StellaOps.Telemetry.Cli.Commands.Holds;

internal sealed class HoldReleaseCommand : StellaCommand
{
    private readonly Argument<string> _id = new("id") { Description = "The hold's id." };
    private readonly Option<string> _reason = new("--reason") { Description = "Why; stands in the audit trail.", Required = true, HelpName = "TEXT" };

    public HoldReleaseCommand(CliHost host)
        : base(host, "release", "Lets what a hold covers be deleted again, as far as no other hold covers it.")
    {
        Arguments.Add(_id);
        Options.Add(_reason);
    }

    public override IReadOnlyList<string> Examples => ["stella telemetry hold release hold-0192 --reason \"case closed\""];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        using var http = context.Connect(KnownServices.CaptureWorker, KnownScopes.CapturesCreate);
        var request = new ReleaseHoldRequest(context.Arguments.GetRequiredValue(_reason));
        var hold = await new HoldClient(http).ReleaseAsync(context.Arguments.GetRequiredValue(_id), request, cancellationToken);
        context.Output.Print(hold, ContractsJson.Default.HoldResponse, h => HoldTables.Of(h));
        return CliExitCodes.Done;
    }
}
