using System.CommandLine;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Captures;

namespace StellaOps.Telemetry.Cli.Commands.Captures;

internal sealed class CaptureFollowCommand : StellaCommand
{
    private readonly Argument<string> _id = CaptureOptions.Id();
    private readonly Option<string?> _target = CaptureOptions.Target();
    private readonly Option<bool> _requireComplete = CaptureOptions.RequireComplete();

    public CaptureFollowCommand(CliHost host)
        : base(host, "follow", "Waits for a capture that was asked for earlier, and fetches its bundle.")
    {
        Arguments.Add(_id);
        Options.Add(_target);
        Options.Add(_requireComplete);
    }

    public override IReadOnlyList<string> Examples => ["stella telemetry capture follow cap-0192 -o evidence/"];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        CaptureResponse job;
        using (var http = context.Connect(KnownServices.CaptureWorker, KnownScopes.CapturesRead))
        {
            var client = new CaptureClient(http);
            job = await client.GetAsync(context.Arguments.GetRequiredValue(_id), cancellationToken);
            job = await new CaptureWatch(context, client).FollowAsync(job, cancellationToken);
        }

        return await CaptureEnd.FetchAsync(context, job, context.Arguments.GetValue(_target), context.Arguments.GetValue(_requireComplete), cancellationToken);
    }
}
