using StellaOps.Telemetry.Profiles.Notifying;

namespace StellaOps.Telemetry.IncidentService.Notify.Deliveries;

/// <summary>When the next attempt is made: doubling delays with jitter, not before the target asks for it, and not for ever.</summary>
internal static class Backoff
{
    /// <summary>A target may ask for no more patience than this at once.</summary>
    public static readonly TimeSpan MaxRetryAfter = TimeSpan.FromHours(1);

    /// <param name="attempts">That were made.</param>
    /// <param name="jitter">0 to 1: half of the delay is certain, the other half times this is added, so that those who failed together do not come back together.</param>
    /// <returns>Null: the policy's time is over.</returns>
    public static DateTimeOffset? Next(NotifyRetry policy, int attempts, DateTimeOffset triedSince, DateTimeOffset now, TimeSpan? retryAfter, double jitter)
    {
        // 2^30 times any first delay is above any max.
        var doubled = policy.First.Ticks * Math.Pow(2, Math.Min(attempts - 1, 30));
        var delay = TimeSpan.FromTicks((long)(Math.Min(doubled, policy.Max.Ticks) * (0.5 + (0.5 * jitter))));
        if (retryAfter is { } asked)
        {
            asked = asked > MaxRetryAfter ? MaxRetryAfter : asked;
            delay = asked > delay ? asked : delay;
        }

        return now + delay > triedSince + policy.Within ? null : now + delay;
    }
}
