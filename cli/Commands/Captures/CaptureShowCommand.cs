using System.CommandLine;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.Cli.Commands.Captures;

internal sealed class CaptureShowCommand : StellaCommand
{
    private readonly Argument<string> _id = CaptureOptions.Id();

    public CaptureShowCommand(CliHost host)
        : base(host, "show", "Shows a capture: where it stands, what it found, what it lacks.") => Arguments.Add(_id);

    public override IReadOnlyList<string> Examples => ["stella telemetry capture show cap-0192 --output json"];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        using var http = context.Connect(KnownServices.CaptureWorker, KnownScopes.CapturesRead);
        var job = await new CaptureClient(http).GetAsync(context.Arguments.GetRequiredValue(_id), cancellationToken);
        context.Output.Print(job, ContractsJson.Default.CaptureResponse, CaptureTables.Of);
        return CliExitCodes.Done;
    }
}
