namespace StellaOps.Telemetry.OpAmp.Client;

/// <summary>How long to wait before the next attempt. Spread at random, or a fleet that lost its server would come back as one.</summary>
/// <param name="random">Uniform, 0 to 1.</param>
internal sealed class Backoff(OpAmpAgentOptions options, Func<double> random)
{
    // A server that takes a connection and drops it soon is no better than one that takes none.
    private static readonly TimeSpan s_stable = TimeSpan.FromSeconds(10);

    private int _failures;

    /// <param name="lasted">How long there was a session.</param>
    public TimeSpan Next(SessionEnd end, TimeSpan lasted)
    {
        _failures = end.WasConnected && lasted >= s_stable ? 0 : _failures + 1;
        if (end.RetryAfter is { } asked)
        {
            // Never sooner than asked.
            return Min(asked, options.MaxRetryAfter) * (1 + (random() / 10));
        }

        if (end.IsThrottled)
        {
            return Min(KnownOpAmp.ThrottledRetry * Math.Pow(2, Math.Min(_failures, 20) - 1), TimeSpan.FromTicks(Math.Max(options.MaxBackoff.Ticks, KnownOpAmp.ThrottledRetry.Ticks))) * (1 + (random() / 2));
        }

        // What was broken is mended at once, but for a spread.
        return end.WasConnected && _failures <= 1
            ? options.FirstBackoff * random()
            : Min(options.FirstBackoff * Math.Pow(2, Math.Min(_failures, 20) - 1), options.MaxBackoff) * (0.5 + random());
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
