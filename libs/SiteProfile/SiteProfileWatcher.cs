using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.SiteProfile;

/// <summary>
/// Looks each second whether the profile's documents changed, and tells its followers what is good as a whole. What is not is logged once, and what
/// was in force stays. It polls: a file replaced by a link or a mounted folder raises no event that could be relied on.
/// </summary>
internal sealed partial class SiteProfileWatcher(
    SiteProfileSource source, IEnumerable<ISiteProfileFollower> followers, TimeProvider time, ILogger<SiteProfileWatcher> logger) : BackgroundService
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);
    private readonly ISiteProfileFollower[] _followers = [.. followers];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!source.IsNamed)
        {
            Refuse($"{KnownEnvironment.ProfilePath} is not set");
            return;
        }

        using var timer = new PeriodicTimer(s_period, time);
        string? seen = null;
        do
        {
            var found = Fingerprint();
            if (found != seen)
            {
                seen = found;
                Take();
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    private void Take()
    {
        List<string> faults = [];
        if (source.Load(faults) is { } next)
        {
            faults.AddRange(_followers.SelectMany(f => f.FaultsOf(next)));
            if (faults.Count == 0)
            {
                foreach (var follower in _followers)
                {
                    follower.Apply(next);
                }

                LogInForce(next.Name, next.Sealed.Enabled);
                return;
            }
        }

        var why = string.Join("; ", faults);
        Refuse(why);
        LogRefused(why);
    }

    private void Refuse(string why)
    {
        foreach (var follower in _followers)
        {
            follower.Refuse(why);
        }
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

    [LoggerMessage(SiteProfileEventIds.InForce, LogLevel.Information, "profile {Profile} is in force; sealed: {Sealed}")]
    private partial void LogInForce(string profile, bool @sealed);

    [LoggerMessage(SiteProfileEventIds.Refused, LogLevel.Error, "the site's profile was refused, and what was in force stays: {Faults}")]
    private partial void LogRefused(string faults);
}
