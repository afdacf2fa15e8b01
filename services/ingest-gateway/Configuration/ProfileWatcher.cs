namespace StellaOps.Telemetry.IngestGateway.Configuration;

/// <summary>
/// Looks each second whether the profile's files changed, and swaps the profile when what is there is good as a whole. It polls: a change
/// made by replacing a file, a link or a mounted folder raises no event that could be relied on.
/// </summary>
internal sealed partial class ProfileWatcher(GatewayConfiguration configuration, ProfileState state, TimeProvider time, ILogger<ProfileWatcher> logger) : BackgroundService
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        LogInForce(state.Current.Settings.ProfileName, state.Current.Settings.ProfileHash);
        var seen = UInt128.MinValue;
        using var timer = new PeriodicTimer(s_period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                seen = Look(seen);
            }
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
    }

    private UInt128 Look(UInt128 seen)
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
        if (configuration.ProfileSource.Load(faults) is not { } loaded)
        {
            state.Refuse(faults, time.GetUtcNow());
            LogRefused(before.ProfileHash, string.Join("; ", faults));
            return;
        }

        if (loaded.Model.Settings.ProfileHash == before.ProfileHash)
        {
            state.Refuse([], time.GetUtcNow());
            return;
        }

        if (loaded.Grpc != configuration.Grpc || loaded.Http != configuration.Http)
        {
            state.Refuse([$"listeners cannot move while the gateway runs (from {configuration.Grpc} and {configuration.Http} to {loaded.Grpc} and {loaded.Http}): restart it to take them over"], time.GetUtcNow());
        }
        else if (loaded.Tls != configuration.Tls?.Settings)
        {
            state.Refuse(["ingest.tls cannot change while the gateway runs, only what is in its files: restart it to take it over"], time.GetUtcNow());
        }
        else
        {
            state.TrySwap(loaded.Model, time.GetUtcNow());
        }

        if (state.Refused is { } refusal)
        {
            LogRefused(before.ProfileHash, string.Join("; ", refusal.Faults));
            return;
        }

        LogInForce(loaded.Model.Settings.ProfileName, loaded.Model.Settings.ProfileHash);
    }

    [LoggerMessage(EventIds.ProfileInForce, LogLevel.Information, "profile {Profile} is in force, hash {Hash}")]
    private partial void LogInForce(string profile, string hash);

    [LoggerMessage(EventIds.ProfileRefused, LogLevel.Error, "the changed profile was refused, and the one in force ({Hash}) stays: {Faults}")]
    private partial void LogRefused(string hash, string faults);

    [LoggerMessage(EventIds.ProfileUnreadable, LogLevel.Warning, "the profile's files cannot be read now; the one in force stays")]
    private partial void LogUnreadable(Exception e);
}
