using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.SiteProfile;

namespace StellaOps.Telemetry.CaptureWorker.Retention.Policy;

/// <summary>
/// Looks each second whether the site's profile changed, and takes what is good as a whole. What is not is logged once, and the last good one
/// stays. It polls: a file replaced by a link or a mounted folder raises no event that could be relied on.
/// </summary>
internal sealed partial class PolicyWatcher(SiteProfileSource source, PolicyState state, TimeProvider time, ILogger<PolicyWatcher> logger) : BackgroundService
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);
    private string? _seen;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!source.IsNamed)
        {
            state.Refuse($"{KnownEnvironment.ProfilePath} is not set: nothing is deleted");
            Log.Unknown(logger, state.Fault!);
            return;
        }

        using var timer = new PeriodicTimer(s_period, time);
        do
        {
            Look();
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private void Look()
    {
        var found = Fingerprint();
        if (_seen == found)
        {
            return;
        }

        List<string> faults = [];
        if (source.Load(faults) is { } profile)
        {
            state.Take(new RetentionPolicy(profile.Name, profile.Retention));
            Log.InForce(logger, profile.Name, string.Join(", ", profile.Retention.Select(t => t.Name)));
        }
        else
        {
            state.Refuse(string.Join("; ", faults));
            Log.Refused(logger, state.Current is null ? "nothing is deleted" : "what was in force stays", state.Fault!);
        }

        // The first look does not know yet which documents there are.
        _seen = Fingerprint();
    }

    private string Fingerprint()
    {
        try
        {
            return source.Fingerprint();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Gone, or being replaced: reading it says what is wrong, once.
            return "unreadable";
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.RetentionPolicyInForce, LogLevel.Information, "retention goes by profile {Profile}; tiers with rules: {Tiers}")]
        public static partial void InForce(ILogger logger, string profile, string tiers);

        [LoggerMessage(EventIds.RetentionPolicyRefused, LogLevel.Error, "the profile cannot be used for retention, {Outcome}: {Faults}")]
        public static partial void Refused(ILogger logger, string outcome, string faults);

        [LoggerMessage(EventIds.RetentionPolicyUnknown, LogLevel.Warning, "no retention: {Reason}")]
        public static partial void Unknown(ILogger logger, string reason);
    }
}
