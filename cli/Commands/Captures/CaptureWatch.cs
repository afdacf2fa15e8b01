using Spectre.Console;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts.Captures;

namespace StellaOps.Telemetry.Cli.Commands.Captures;

/// <summary>Waits for a job to end: with a progress bar before a person, with a line per phase otherwise.</summary>
internal sealed class CaptureWatch(CommandContext context, CaptureClient client)
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(250);

    public async Task<CaptureResponse> FollowAsync(CaptureResponse job, CancellationToken cancellationToken)
    {
        if (!context.Host.IsInteractive)
        {
            var shown = "";
            return await PollAsync(
                job,
                j =>
                {
                    if (Describe(j) != shown)
                    {
                        shown = Describe(j);
                        context.Output.Note($"{j.Id}: {shown}");
                    }
                },
                cancellationToken);
        }

        var console = context.Host.ErrorConsole();
        return await console.Progress().AutoClear(true).StartAsync(async progress =>
        {
            var bar = progress.AddTask(Describe(job));
            return await PollAsync(
                job,
                j =>
                {
                    bar.Description = Markup.Escape(Describe(j));
                    bar.Value = j.Progress * 100;
                },
                cancellationToken);
        });
    }

    private async Task<CaptureResponse> PollAsync(CaptureResponse job, Action<CaptureResponse> show, CancellationToken cancellationToken)
    {
        while (job.State is CaptureState.Queued or CaptureState.Running)
        {
            show(job);
            await Task.Delay(s_poll, context.Host.Time, cancellationToken);
            job = await client.GetAsync(job.Id, cancellationToken);
        }

        return job;
    }

    private static string Describe(CaptureResponse job) => job.State == CaptureState.Queued ? "waiting for the window to end and for a worker" : job.Phase ?? "starting";
}
