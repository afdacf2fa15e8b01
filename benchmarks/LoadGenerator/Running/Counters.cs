using StellaOps.Telemetry.Benchmarks.LoadGenerator.Wire;

namespace StellaOps.Telemetry.Benchmarks.LoadGenerator.Running;

/// <summary>What one connection did. Its own thread adds; the session reads.</summary>
internal sealed class Counters
{
    private readonly long[] _requests = new long[5];
    private readonly LatencyHistogram _latency = new();
    private long _acknowledged;
    private long _withheld;

    public void Add(Answer answer, int records, double seconds)
    {
        Volatile.Write(ref _requests[(int)answer], _requests[(int)answer] + 1);
        if (answer == Answer.Acknowledged)
        {
            Volatile.Write(ref _acknowledged, _acknowledged + records);
            _latency.Add((long)(seconds * 1_000_000));
        }
    }

    /// <summary>An open loop did not send, since too many were in flight.</summary>
    public void Withhold() => Interlocked.Increment(ref _withheld);

    public void AddTo(Totals totals)
    {
        totals.Acknowledged += Volatile.Read(ref _acknowledged);
        totals.Withheld += Interlocked.Read(ref _withheld);
        for (var i = 0; i < _requests.Length; i++)
        {
            totals.Requests[i] += Volatile.Read(ref _requests[i]);
        }

        _latency.AddTo(totals.Latency);
    }
}

/// <summary>The sum over connections at one moment.</summary>
internal sealed class Totals
{
    public long Acknowledged { get; set; }

    public long Withheld { get; set; }

    public long[] Requests { get; } = new long[5];

    public long[] Latency { get; } = LatencyHistogram.NewSum();
}
