using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.SiteProfile;

namespace StellaOps.Telemetry.IncidentService.Notify.Targets;

/// <summary>
/// Looks each second whether the document of targets or the profile changed, and takes what is good as a whole. What is not is logged once,
/// and what was in force stays. It polls: a file replaced by a link or a mounted folder raises no event that could be relied on.
/// </summary>
internal sealed partial class TargetsWatcher(
    TargetsFile file, NotifyTargetsState state, SiteProfileSource profile, EgressDialer dialer, TimeProvider time, ILogger<TargetsWatcher> logger) : BackgroundService
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);
    private string? _seenTargets;
    private string? _seenProfile;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Log.InForce(logger, state.Current.All.Count, dialer.Policy.IsSealed);
        _ = Changed(file.Fingerprint, ref _seenTargets);
        _ = Changed(profile.Fingerprint, ref _seenProfile);
        using var timer = new PeriodicTimer(s_period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            LookAtTargets();
            LookAtProfile();
        }
    }

    private void LookAtTargets()
    {
        if (Changed(file.Fingerprint, ref _seenTargets) is not { } faults)
        {
            return;
        }

        if (file.Load(faults) is { } next)
        {
            state.Current = next;
            Log.InForce(logger, next.All.Count, dialer.Policy.IsSealed);
        }
        else
        {
            Log.Refused(logger, "targets", string.Join("; ", faults));
        }
    }

    private void LookAtProfile()
    {
        if (Changed(profile.Fingerprint, ref _seenProfile) is not { } faults)
        {
            return;
        }

        if (SealedPolicy.Load(profile, faults) is { } policy)
        {
            // No connection outlives its request, so none was made under another policy.
            dialer.Policy = policy;
            Log.InForce(logger, state.Current.All.Count, policy.IsSealed);
        }
        else
        {
            Log.Refused(logger, "profile", string.Join("; ", faults));
        }
    }

    /// <summary>An empty list of faults when there is something to take; null when there is not. The first look only remembers what the start took.</summary>
    private static List<string>? Changed(Func<string> fingerprint, ref string? seen)
    {
        string found;
        try
        {
            found = fingerprint();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Gone, or being replaced: reading it says what is wrong, once.
            found = "unreadable";
        }

        var before = seen;
        seen = found;
        return before is null || before == found ? null : [];
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.NotifyTargetsInForce, LogLevel.Information, "{Targets} targets are told of incidents; sealed: {Sealed}")]
        public static partial void InForce(ILogger logger, int targets, bool @sealed);

        [LoggerMessage(EventIds.NotifyTargetsRefused, LogLevel.Error, "The change of the {What} was refused, and what was in force stays: {Faults}")]
        public static partial void Refused(ILogger logger, string what, string faults);
    }
}
