namespace StellaOps.Telemetry.IngestGateway.Configuration;

/// <summary>
/// Looks each second whether the profile's files changed, and swaps the profile when what is there is good as a whole. It polls: a change
/// made by replacing a file, a link or a mounted folder raises no event that could be relied on. Once a deployment is in force the files are
/// not followed.
/// </summary>
internal sealed partial class ProfileWatcher(GatewayConfiguration configuration, ProfileState state, TimeProvider time, ILogger<ProfileWatcher> logger) : BackgroundService
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        LogInForce(state.Current.Settings.ProfileName, state.Current.Settings.ProfileHash);
        var seen = "";
        using var timer = new PeriodicTimer(s_period, time);
        try
        {
            while (state.Current.Deployment is null && await timer.WaitForNextTickAsync(stoppingToken))
            {
                seen = Look(seen);
            }
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
    }

    private string Look(string seen)
    {
        try
        {
            var fingerprint = configuration.ProfileSource.Fingerprint();
            if (fingerprint != seen)
            {
                Take();
            }

            return fingerprint;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Half written, or gone for a moment: the next look tells. The profile in force stays.
            LogUnreadable(e);
            return seen;
        }
    }

    private void Take()
    {
        List<string> faults = [];
        var before = state.Current.Settings;
        var loaded = configuration.ProfileSource.Load(faults);
        if (loaded is null)
        {
            Refuse(ProfileRefusal.InvalidProfile, faults);
        }
        else if (loaded.Model.Settings.ProfileHash == before.ProfileHash)
        {
            state.Refuse(null);
        }
        else if (configuration.FaultOfMoving(loaded) is { } moves)
        {
            Refuse(ProfileRefusal.NeedsRestart, [$"{moves}: restart it to take them over"]);
        }
        else if (state.TrySwap(loaded.Model, time.GetUtcNow()))
        {
            LogInForce(loaded.Model.Settings.ProfileName, loaded.Model.Settings.ProfileHash);
        }
        else if (state.Refused is { } refusal)
        {
            LogRefused(before.ProfileHash, string.Join("; ", refusal.Faults));
        }
    }

    private void Refuse(string reason, IReadOnlyList<string> faults)
    {
        state.Refuse(new ProfileRefusal(time.GetUtcNow(), reason, faults));
        LogRefused(state.Current.Settings.ProfileHash, string.Join("; ", faults));
    }

    [LoggerMessage(EventIds.ProfileInForce, LogLevel.Information, "profile {Profile} is in force, hash {Hash}")]
    private partial void LogInForce(string profile, string hash);

    [LoggerMessage(EventIds.ProfileRefused, LogLevel.Error, "the changed profile was refused, and the one in force ({Hash}) stays: {Faults}")]
    private partial void LogRefused(string hash, string faults);

    [LoggerMessage(EventIds.ProfileUnreadable, LogLevel.Warning, "the profile's files cannot be read now; the one in force stays")]
    private partial void LogUnreadable(Exception e);
}
