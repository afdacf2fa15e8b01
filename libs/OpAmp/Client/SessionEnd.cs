namespace StellaOps.Telemetry.OpAmp.Client;

/// <summary>Why an agent no longer talks to its server.</summary>
/// <param name="WasConnected">The server answered at least once.</param>
/// <param name="IsThrottled">The server said that it can take no more.</param>
/// <param name="RetryAfter">How long it asked to wait; null when it did not.</param>
internal sealed record SessionEnd(string Reason, bool WasConnected, bool IsThrottled = false, TimeSpan? RetryAfter = null);
