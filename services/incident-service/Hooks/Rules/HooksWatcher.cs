namespace StellaOps.Telemetry.IncidentService.Hooks.Rules;

/// <summary>
/// Looks each second whether the document or a secret changed, and takes what was the same at two looks and is good as a whole. What is not
/// good is logged once, and what was in force stays. It polls: a file replaced by a link or a mounted folder raises no event that could be relied on.
/// </summary>
internal sealed partial class HooksWatcher(HooksFile file, HooksState state, TimeProvider time, ILogger<HooksWatcher> logger) : BackgroundService
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (state.Current is { } first)
        {
            Log.InForce(logger, first.Rules.Count, first.Orchestrators.Count);
        }

        var (taken, seen) = (state.First.Fingerprint, state.First.Fingerprint);
        using var timer = new PeriodicTimer(s_period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var look = file.Read();
            var isSettled = look.Fingerprint == seen;
            seen = look.Fingerprint;
            if (isSettled && look.Fingerprint != taken)
            {
                taken = look.Fingerprint;
                Take(look);
            }
        }
    }

    private void Take(HooksReading look)
    {
        if (look.Model is { } next)
        {
            state.Current = next;
            Log.InForce(logger, next.Rules.Count, next.Orchestrators.Count);
        }
        else
        {
            Log.Refused(logger, string.Join("; ", look.Faults));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.HooksInForce, LogLevel.Information, "Hooks are open: {Rules} rules, {Orchestrators} orchestrators")]
        public static partial void InForce(ILogger logger, int rules, int orchestrators);

        [LoggerMessage(EventIds.HooksRefused, LogLevel.Error, "The changed hooks were refused, and what was in force stays: {Faults}")]
        public static partial void Refused(ILogger logger, string faults);
    }
}
