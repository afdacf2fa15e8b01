using System.Globalization;
using System.Text;
using System.Text.Json;
using StellaOps.Telemetry.CaptureWorker.Jobs;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.CaptureWorker.Api;

/// <summary>
/// One job as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): each is the whole job, its id the job's
/// version, so who comes back gets the newest state and misses nothing that still matters. The last one is called <c>end</c>.
/// </summary>
/// <param name="known">Version that the client has.</param>
internal sealed class CaptureEventStream(CaptureJob job, long known, CaptureJobStore jobs, IDisposable place, TimeProvider time) : IResult
{
    public const string ContentType = "text/event-stream";

    /// <summary>Jobs change about once a second.</summary>
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(300);

    /// <summary>So that neither a proxy nor the client takes silence for death.</summary>
    private static readonly TimeSpan s_longestSilence = TimeSpan.FromSeconds(15);

    /// <summary>Tokens end, and are looked at only when a stream begins: the client comes back by its last event's id.</summary>
    private static readonly TimeSpan s_longestStream = TimeSpan.FromMinutes(30);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using (place)
        {
            var response = httpContext.Response;
            response.ContentType = ContentType;
            response.Headers.CacheControl = "no-cache, no-store";
            response.Headers["X-Accel-Buffering"] = "no";
            try
            {
                await WriteAsync(response.Body, httpContext.RequestAborted);
            }
            catch (OperationCanceledException) when (httpContext.RequestAborted.IsCancellationRequested)
            {
                // The client left.
            }
        }
    }

    private async Task WriteAsync(Stream body, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var spoken = started;
        await body.WriteAsync("retry: 1000\n\n"u8.ToArray(), cancellationToken);
        await body.FlushAsync(cancellationToken);
        for (var now = job; time.GetElapsedTime(started) < s_longestStream;)
        {
            if (now.Version > known || now.HasEnded)
            {
                await SendAsync(body, Format(now), cancellationToken);
                (known, spoken) = (now.Version, time.GetTimestamp());
            }
            else if (time.GetElapsedTime(spoken) > s_longestSilence)
            {
                await SendAsync(body, ": still here\n\n", cancellationToken);
                spoken = time.GetTimestamp();
            }

            if (now.HasEnded)
            {
                return;
            }

            await Task.Delay(s_poll, time, cancellationToken);
            if (await jobs.FindAsync(job.Id, cancellationToken) is not { } next)
            {
                return;
            }

            now = next;
        }
    }

    // The JSON of a job has no line breaks, so one data line takes it.
    private static string Format(CaptureJob job) => string.Create(
        CultureInfo.InvariantCulture,
        $"id: {job.Version}\nevent: {(job.HasEnded ? "end" : "progress")}\ndata: {JsonSerializer.Serialize(job.ToResponse(), ContractsJson.Default.CaptureResponse)}\n\n");

    private static async Task SendAsync(Stream body, string text, CancellationToken cancellationToken)
    {
        await body.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
        await body.FlushAsync(cancellationToken);
    }
}
