namespace StellaOps.Telemetry.Replay.Sending;

/// <summary>What an endpoint's answer means.</summary>
public enum ReplayOutcome
{
    /// <summary>Taken, but for what <see cref="ReplayAnswer.Rejected"/> says.</summary>
    Taken,

    /// <summary>Not now, or not reached: send it again.</summary>
    Retry,

    /// <summary>The credentials, the tenant or the replay are not allowed; for good.</summary>
    NotAllowed,

    /// <summary>Refused for good.</summary>
    Refused,

    /// <summary>There is no connection to it that could be trusted.</summary>
    Untrusted,
}

/// <summary>An endpoint's answer to one request.</summary>
/// <param name="Status">Such as <c>http 503</c> or <c>grpc 14</c>; empty when nothing came.</param>
/// <param name="Reason">What the endpoint said to it; may be empty.</param>
/// <param name="Rejected">Records that it refused of a request that it took.</param>
/// <param name="IsMarkUnderstood">It said the replay mark back: a gateway of ours, which marks what it took as a replay.</param>
/// <param name="RetryAfter">How long to wait, when it said so.</param>
public readonly record struct ReplayAnswer(ReplayOutcome Outcome, string Status, string Reason, long Rejected = 0, bool IsMarkUnderstood = false, TimeSpan? RetryAfter = null);
