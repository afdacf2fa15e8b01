using System.Globalization;
using Spectre.Console;
using StellaOps.Telemetry.Replay;
using StellaOps.Telemetry.Replay.Sending;
using StellaOps.Telemetry.Replay.State;

namespace StellaOps.Telemetry.Cli.Commands.Evidence;

/// <summary>Runs the engine before a person, with a progress bar, or before a script, with a line now and then.</summary>
internal sealed class ReplayRun(CommandContext context, ReplayPlan plan, HttpClient http)
{
    private static readonly TimeSpan s_notePeriod = TimeSpan.FromSeconds(5);

    private long _noted = context.Host.Time.GetTimestamp();
    private readonly long _started = context.Host.Time.GetTimestamp();

    public async Task<ReplayResult> RunAsync(ReplayJob job, ReplayStateFile file, CancellationToken cancellationToken)
    {
        try
        {
            if (!context.Host.IsInteractive)
            {
                return await NewEngine(job, file, Note).RunAsync(plan.IsRestart, cancellationToken);
            }

            var progress = context.Host.ErrorConsole().Progress().AutoClear(true)
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn());
            return await progress.StartAsync(async running =>
            {
                var bar = running.AddTask("replaying", maxValue: Math.Max(1, job.Records));
                return await NewEngine(
                    job,
                    file,
                    p =>
                    {
                        bar.Description = Markup.Escape(p.Trouble is { } trouble ? $"waiting: {trouble}" : Counts(p));
                        bar.Value = p.Done;
                    }).RunAsync(plan.IsRestart, cancellationToken);
            });
        }
        catch (ReplayException e)
        {
            throw new CliException(ExitCodeOf(e.Fault), e.Message, e.Fix, e);
        }
    }

    public static int ExitCodeOf(ReplayFault fault) => fault switch
    {
        ReplayFault.StateUnusable or ReplayFault.StateOfAnother => CliExitCodes.WrongUsage,
        ReplayFault.BundleUnfit => CliExitCodes.VerificationFailed,
        ReplayFault.NotAGateway or ReplayFault.NotAllowed => CliExitCodes.NotAllowed,
        ReplayFault.Unreachable => CliExitCodes.Unreachable,
        _ => CliExitCodes.Failed,
    };

    private ReplayEngine NewEngine(ReplayJob job, ReplayStateFile file, Action<ReplayProgress> onProgress)
    {
        IReplaySender sender = plan.Protocol == "grpc"
            ? new GrpcReplaySender(http, plan.Endpoint, plan.Compression)
            : new HttpReplaySender(http, plan.Endpoint, plan.Compression);
        return new ReplayEngine(job, sender, file, context.Host.Time, onProgress);
    }

    private void Note(ReplayProgress progress)
    {
        if (context.Host.Time.GetElapsedTime(_noted) < s_notePeriod)
        {
            return;
        }

        _noted = context.Host.Time.GetTimestamp();
        var left = progress.DoneNow == 0
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $", about {context.Host.Time.GetElapsedTime(_started).TotalSeconds / progress.DoneNow * (progress.Total - progress.Done):F0} s left");
        context.Output.Note(progress.Trouble is { } trouble ? $"waiting: {trouble}" : Counts(progress) + left);
    }

    private static string Counts(ReplayProgress progress) => string.Create(CultureInfo.InvariantCulture, $"{progress.Done:N0} of {progress.Total:N0} records");
}
