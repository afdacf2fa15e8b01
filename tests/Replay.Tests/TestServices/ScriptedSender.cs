using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Replays;
using StellaOps.Telemetry.Replay.Sending;

namespace StellaOps.Telemetry.Replay.Tests.TestServices;

/// <summary>An endpoint in memory, that takes each mark once and can be cut before or after it took one.</summary>
internal sealed class ScriptedSender : IReplaySender
{
    private readonly Dictionary<ReplayMark, (Signal Signal, byte[] Request)> _taken = [];

    /// <summary>Each request, in order.</summary>
    public List<(Signal Signal, byte[] Request, ReplayMark Mark)> Sent { get; } = [];

    /// <summary>What was taken, each mark once, by ordinal.</summary>
    public IEnumerable<(Signal Signal, byte[] Request)> Taken => _taken.OrderBy(t => t.Key.Ordinal).Select(t => t.Value);

    public bool IsForeign { get; init; }

    /// <summary>Answers before anything is taken; null: goes on.</summary>
    public Func<ReplayMark, ReplayAnswer?> Before { get; set; } = _ => null;

    /// <summary>Called when a batch was taken and is not answered yet.</summary>
    public Action<ReplayMark> OnTaken { get; set; } = _ => { };

    public Task<ReplayAnswer> SendAsync(Signal signal, ReadOnlyMemory<byte> request, ReplayMark mark, CancellationToken cancellationToken)
    {
        if (request.IsEmpty)
        {
            return Task.FromResult(new ReplayAnswer(ReplayOutcome.Taken, "http 200", "", IsMarkUnderstood: !IsForeign));
        }

        Sent.Add((signal, request.ToArray(), mark));
        if (Before(mark) is { } answer)
        {
            return Task.FromResult(answer);
        }

        if (!_taken.TryAdd(mark, (signal, request.ToArray())))
        {
            Assert.Equal(_taken[mark].Request, request.ToArray());
        }

        OnTaken(mark);
        return Task.FromResult(new ReplayAnswer(ReplayOutcome.Taken, "http 200", "", IsMarkUnderstood: !IsForeign));
    }
}
