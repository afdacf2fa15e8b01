using System.Globalization;
using Spectre.Console;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts.Archive;

namespace StellaOps.Telemetry.Cli.Commands.Archive;

/// <summary>Shows how far a scrub is: with a progress bar before a person, with a line per tenth otherwise.</summary>
internal sealed class ScrubWatch(CommandContext context)
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(250);

    /// <summary>Runs a scrub that tells where it is, how many bytes are done, and of how many.</summary>
    public async Task ShowAsync(Func<Action<string, long, long>, Task> run)
    {
        if (context.Host.IsInteractive)
        {
            await context.Host.ErrorConsole().Progress().AutoClear(true).StartAsync(async progress =>
            {
                var bar = progress.AddTask("reading");
                await run((where, done, total) =>
                {
                    bar.Description = Markup.Escape(where);
                    bar.Value = Percent(done, total);
                });
            });
            return;
        }

        var shown = 0;
        await run((where, done, total) =>
        {
            if (Percent(done, total) >= shown + 10)
            {
                shown = (int)(Percent(done, total) / 10) * 10;
                context.Output.Note(string.Create(CultureInfo.InvariantCulture, $"{shown} %: {where}"));
            }
        });
    }

    public async Task<ScrubResponse> FollowAsync(ScrubClient client, ScrubResponse scrub, CancellationToken cancellationToken)
    {
        await ShowAsync(async show =>
        {
            while (scrub.State is ScrubState.Queued or ScrubState.Running)
            {
                show(scrub.State == ScrubState.Queued ? "waiting for a worker" : scrub.Id, scrub.DoneBytes, scrub.TotalBytes);
                await Task.Delay(s_poll, context.Host.Time, cancellationToken);
                scrub = await client.GetAsync(scrub.Id, cancellationToken);
            }
        });
        return scrub;
    }

    private static double Percent(long done, long total) => total == 0 ? 0 : 100.0 * done / total;
}
