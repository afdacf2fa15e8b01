using System.CommandLine;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.Cli.Commands.Captures;

internal sealed class CaptureCancelCommand : StellaCommand
{
    private readonly Argument<string> _id = CaptureOptions.Id();

    public CaptureCancelCommand(CliHost host)
        : base(host, "cancel", "Ends a capture that has not ended; nothing of it stays but its place in the list.") => Arguments.Add(_id);

    public override IReadOnlyList<string> Examples => ["stella telemetry capture cancel cap-0192"];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        using var http = context.Connect(KnownServices.CaptureWorker, KnownScopes.CapturesCreate);
        var job = await new CaptureClient(http).CancelAsync(context.Arguments.GetRequiredValue(_id), cancellationToken);
        context.Output.Print(job, ContractsJson.Default.CaptureResponse, CaptureTables.Of);
        return CliExitCodes.Done;
    }
}
