using StellaOps.Telemetry.Archive;

namespace StellaOps.Telemetry.IngestGateway.Sampling.State;

/// <summary>Stamps as small numbers. Grows by policies and incidents, never by what senders do.</summary>
internal sealed class StampTable
{
    /// <summary>Stands for no stamp: sampled out.</summary>
    public const int None = -1;

    private readonly Dictionary<Stamp, int> _numbers = [];
    private readonly List<Stamp> _stamps = [];
    private Stamp? _last;
    private int _lastNumber;

    public int Count => _stamps.Count;

    public Stamp this[int number] => _stamps[number];

    public int NumberOf(Stamp? stamp)
    {
        if (stamp is null)
        {
            return None;
        }

        if (ReferenceEquals(stamp, _last))
        {
            return _lastNumber;
        }

        if (!_numbers.TryGetValue(stamp, out var number))
        {
            _numbers.Add(stamp, number = _stamps.Count);
            _stamps.Add(stamp);
        }

        (_last, _lastNumber) = (stamp, number);
        return number;
    }
}
