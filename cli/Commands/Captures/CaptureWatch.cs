using System.Text.Json;
using Spectre.Console;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts.Captures;

namespace StellaOps.Telemetry.Cli.Commands.Captures;

/// <summary>Waits for a job to end: with a progress bar before a person, with a line per phase otherwise. Leaving it changes nothing: the worker goes on.</summary>
internal sealed class CaptureWatch(CommandContext context, CaptureClient client)
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(250);

    public async Task<CaptureResponse> FollowAsync(CaptureResponse job, CancellationToken cancellationToken)
    {
        try
        {
            return context.Host.IsInteractive ? await ShowBarAsync(job, cancellationToken) : await SayLinesAsync(job, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            context.Output.Note($"the capture goes on; come back with: stella telemetry capture follow {job.Id}");
            context.Output.Note($"or end it with: stella telemetry capture cancel {job.Id}");
            throw;
        }
    }

    private async Task<CaptureResponse> SayLinesAsync(CaptureResponse job, CancellationToken cancellationToken)
    {
        var shown = "";
        return await WaitAsync(
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

    private async Task<CaptureResponse> ShowBarAsync(CaptureResponse job, CancellationToken cancellationToken)
    {
        var console = context.Host.ErrorConsole();
        return await console.Progress().AutoClear(true).StartAsync(async progress =>
        {
            var bar = progress.AddTask(Markup.Escape(Describe(job)));
            return await WaitAsync(
                job,
                j =>
                {
                    bar.Description = Markup.Escape(Describe(j));
                    bar.Value = j.Progress * 100;
                },
                cancellationToken);
        });
    }

    /// <summary>By events as long as the service gives them; one that has none, or none for one more client, is asked now and then.</summary>
    private async Task<CaptureResponse> WaitAsync(CaptureResponse job, Action<CaptureResponse> show, CancellationToken cancellationToken)
    {
        var hasEvents = true;
        show(job);
        while (!HasEnded(job))
        {
            if (hasEvents)
            {
                try
                {
                    await foreach (var state in client.FollowAsync(job.Id, job.Version, cancellationToken))
                    {
                        job = state;
                        show(job);
                    }
                }
                catch (Exception e) when (e is ApiException or JsonException)
                {
                    hasEvents = false;
                }
                catch (Exception e) when (e is HttpRequestException or IOException)
                {
                    // Cut, or the service is away: asked below, and followed again by the version that is known.
                }
            }

            if (!HasEnded(job))
            {
                await Task.Delay(s_poll, context.Host.Time, cancellationToken);
                job = await AskAsync(job, cancellationToken);
                show(job);
            }
        }

        return job;
    }

    /// <summary>A service that is away for a while does not end the watch: another worker goes on with the job.</summary>
    private async Task<CaptureResponse> AskAsync(CaptureResponse last, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetAsync(last.Id, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or ApiException { Status: System.Net.HttpStatusCode.ServiceUnavailable })
        {
            return last;
        }
    }

    private static bool HasEnded(CaptureResponse job) => job.State is not (CaptureState.Queued or CaptureState.Running);

    private string Describe(CaptureResponse job) => job.State switch
    {
        CaptureState.Queued when job.To > context.Host.Time.GetUtcNow() => $"waiting until the window ends, {OutputWriter.Time(job.To)}",
        CaptureState.Queued => "waiting for a worker",
        _ => job.Phase ?? "starting",
    };
}
