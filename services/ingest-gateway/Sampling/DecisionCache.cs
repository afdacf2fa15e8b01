using StellaOps.Telemetry.Archive;

namespace StellaOps.Telemetry.IngestGateway.Sampling;

/// <summary>What was decided of the last traces, for late spans. Bounded: the oldest decision goes first.</summary>
internal sealed class DecisionCache(int capacity)
{
    private readonly Dictionary<TraceKey, Stamp?> _decisions = [];
    private readonly Queue<TraceKey> _order = [];

    /// <summary>Remembers; a null stamp means sampled out.</summary>
    public void Set(TraceKey trace, Stamp? stamp)
    {
        if (!_decisions.ContainsKey(trace))
        {
            _order.Enqueue(trace);
            if (_order.Count > capacity)
            {
                _decisions.Remove(_order.Dequeue());
            }
        }

        _decisions[trace] = stamp;
    }

    public bool TryGet(TraceKey trace, out Stamp? stamp) => _decisions.TryGetValue(trace, out stamp);
}
