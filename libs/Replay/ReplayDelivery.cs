using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Replays;
using StellaOps.Telemetry.Replay.Sending;

namespace StellaOps.Telemetry.Replay;

/// <summary>Sends a batch until it is taken or refused for good. Each attempt carries the same mark, so a gateway takes it once.</summary>
internal sealed class ReplayDelivery(IReplaySender sender, TimeProvider time)
{
    // 0.2 s, 0.4 s, ... 5 s, ...: about 35 s in all, longer than a gateway takes to come back.
    private const int MaxAttempts = 12;
    private static readonly TimeSpan s_firstWait = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(5);

    public async Task<ReplayAnswer> SendAsync(Signal signal, ReadOnlyMemory<byte> request, ReplayMark mark, Action<string> onTrouble, CancellationToken cancellationToken)
    {
        var wait = s_firstWait;
        for (var attempt = 1; ; attempt++)
        {
            var answer = await sender.SendAsync(signal, request, mark, cancellationToken).ConfigureAwait(false);
            var what = string.Join(": ", new[] { answer.Status, answer.Reason }.Where(t => t.Length > 0));
            switch (answer.Outcome)
            {
                case ReplayOutcome.Taken:
                    return answer;
                case ReplayOutcome.NotAllowed:
                    throw new ReplayException(
                        ReplayFault.NotAllowed,
                        $"the endpoint refused batch {mark}: {what}",
                        $"the token needs {KnownScopes.TelemetryWrite} and {KnownScopes.ReplayWrite} and exactly one tenant, which must be registered there as a replay target");
                case ReplayOutcome.Refused:
                    throw new ReplayException(ReplayFault.Refused, $"the endpoint refused batch {mark}: {what}", "mend what it says, and run the same command again: it goes on with that batch");
                case ReplayOutcome.Untrusted:
                    throw new ReplayException(ReplayFault.Unreachable, $"the endpoint cannot be trusted: {what}", "name the authority of its certificate with --ca");
                case ReplayOutcome.Retry when attempt == MaxAttempts:
                    throw new ReplayException(ReplayFault.Unreachable, $"batch {mark} was not taken: {what}", "run the same command again when the endpoint is back: it goes on with that batch");
            }

            onTrouble(what);
            wait = answer.RetryAfter is { } told && told > wait ? told : wait;
            await Task.Delay(wait < s_longestWait ? wait : s_longestWait, time, cancellationToken).ConfigureAwait(false);
            wait *= 2;
        }
    }
}
