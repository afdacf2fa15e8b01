using Microsoft.Extensions.Options;
using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.SiteProfile;

namespace StellaOps.Telemetry.CaptureWorker.Egress;

/// <summary>Looks each second whether the profile changed, and follows what it says about sealed mode. A bad change is logged once, and what was in force stays.</summary>
internal sealed partial class SealedProfileWatcher(
    SiteProfileSource profile, EgressDialer dialer, IOptions<CaptureFilesOptions> files, TimeProvider time, ILogger<SealedProfileWatcher> logger) : BackgroundService
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var seen = Fingerprint();
        using var timer = new PeriodicTimer(s_period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var found = Fingerprint();
            if (found != seen)
            {
                seen = found;
                Follow();
            }
        }
    }

    private void Follow()
    {
        var faults = new List<string>();
        if (SealedPolicy.Load(profile, faults) is not { } policy)
        {
            Refused(string.Join("; ", faults));
        }
        else if (ArchiveEgress.FaultOf(files.Value.Archive, policy) is { } fault)
        {
            Refused(fault);
        }
        else
        {
            dialer.Policy = policy;
            InForce(policy.IsSealed);
        }
    }

    private string Fingerprint()
    {
        try
        {
            return profile.Fingerprint();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Gone, or being replaced: reading it says what is wrong, once.
            return "unreadable";
        }
    }

    [LoggerMessage(EventIds.SealedInForce, LogLevel.Information, "The profile changed; sealed: {Sealed}")]
    private partial void InForce(bool @sealed);

    [LoggerMessage(EventIds.SealedRefused, LogLevel.Error, "The change of the profile was refused, and what was in force stays: {Faults}")]
    private partial void Refused(string faults);
}
