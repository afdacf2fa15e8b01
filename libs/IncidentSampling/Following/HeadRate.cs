using StellaOps.Telemetry.Contracts.Sampling;

namespace StellaOps.Telemetry.IncidentSampling.Following;

/// <summary>Puts what the gateway said in force, and takes an incident's rate back when its time is over, whether or not anybody can be asked then.</summary>
internal sealed class HeadRate : IDisposable
{
    // A timer takes no more than seven weeks, and whoever extends an incident says so long before.
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private readonly RootSampler _root;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private HeadSamplingResponse? _raised;
    private TimeSpan _lasts;
    private long _from;

    public HeadRate(RootSampler root, TimeProvider time)
    {
        (_root, _time) = (root, time);
        _timer = time.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <param name="answeredAt">By the gateway's clock: how long an incident lasts does not depend on what time it is here.</param>
    public void Apply(HeadSamplingResponse answer, DateTimeOffset answeredAt)
    {
        lock (_lock)
        {
            (_raised, _lasts, _from) = (answer.IncidentId is null ? null : answer, (answer.ExpiresAt ?? answeredAt) - answeredAt, _time.GetTimestamp());
            if (_raised is null)
            {
                _root.Revert(answer.BaseRate);
                _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                return;
            }

            _root.Raise(answer.SamplingRate);
        }

        Look();
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        lock (_lock)
        {
            if (_raised is not { } raised)
            {
                return;
            }

            var rest = _lasts - _time.GetElapsedTime(_from);
            if (rest > TimeSpan.Zero)
            {
                _timer.Change(rest < s_longest ? rest : s_longest, Timeout.InfiniteTimeSpan);
                return;
            }

            _raised = null;
            _root.Revert(raised.BaseRate);
            IncidentSamplingEventSource.Log.Expired(raised.IncidentId!);
        }
    }
}
