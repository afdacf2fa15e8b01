namespace StellaOps.Telemetry.IncidentService.Notify.Targets;

/// <summary>
/// Looks each second whether the document of targets changed, and takes what is good as a whole. What is not is logged once, and what was in
/// force stays. It polls: a file replaced by a link or a mounted folder raises no event that could be relied on.
/// </summary>
internal sealed partial class TargetsWatcher(TargetsFile file, NotifyTargetsState state, TimeProvider time, ILogger<TargetsWatcher> logger) : BackgroundService
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Log.InForce(logger, state.Current.All.Count);
        var seen = Fingerprint();
        using var timer = new PeriodicTimer(s_period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var found = Fingerprint();
            if (found != seen)
            {
                seen = found;
                Take();
            }
        }
    }

    private void Take()
    {
        List<string> faults = [];
        if (file.Load(faults) is { } next)
        {
            state.Current = next;
            Log.InForce(logger, next.All.Count);
        }
        else
        {
            Log.Refused(logger, string.Join("; ", faults));
        }
    }

    private string Fingerprint()
    {
        try
        {
            return file.Fingerprint();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Gone, or being replaced: reading it says what is wrong, once.
            return "unreadable";
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.NotifyTargetsInForce, LogLevel.Information, "{Targets} targets are told of incidents")]
        public static partial void InForce(ILogger logger, int targets);

        [LoggerMessage(EventIds.NotifyTargetsRefused, LogLevel.Error, "The change of the targets was refused, and what was in force stays: {Faults}")]
        public static partial void Refused(ILogger logger, string faults);
    }
}
