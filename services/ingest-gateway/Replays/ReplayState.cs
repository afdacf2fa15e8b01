using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Replays;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Pipeline;

namespace StellaOps.Telemetry.IngestGateway.Replays;

/// <summary>The batches of one replay. Under the register's lock.</summary>
internal sealed class ReplayState
{
    private const int SignalShift = 30;
    private const int MinRoom = 16;

    // By ordinal: the signal in the upper two bits, the records below; 0 where nothing came.
    private readonly List<uint> _batches = [];

    // Bounded by the requests in flight.
    private readonly Dictionary<long, (uint Packed, ulong ReservedAt)> _inFlight = [];
    private long _repeated;

    public long Batches { get; private set; }

    public long FirstAcceptedAt { get; private set; } = long.MaxValue;

    public long LastAcceptedAt { get; private set; }

    public bool IsBusy => _inFlight.Count > 0;

    /// <summary>How much of the bound it takes.</summary>
    public int Room => Math.Max(MinRoom, _batches.Capacity);

    /// <summary>Every batch below this sequence that is its own is known here.</summary>
    public ulong SettledBelow => _inFlight.Count == 0 ? ulong.MaxValue : _inFlight.Values.Min(f => f.ReservedAt);

    public static ReplayState Of(ReplayRow row)
    {
        var state = new ReplayState();
        foreach (var run in row.Runs)
        {
            for (var i = 0; i < run.Count; i++)
            {
                state.Add(run.Ordinal + i, run.Signal, run.Records, row.LastAcceptedAt);
            }
        }

        (state.FirstAcceptedAt, state._repeated) = (row.FirstAcceptedAt, row.Repeated);
        return state;
    }

    /// <summary>Null: it is for the caller to append it, and then to settle. Else what is to be answered.</summary>
    public AppendOutcome? Reserve(long ordinal, Signal signal, int records, ulong nextSequence)
    {
        var packed = Pack(signal, records);
        if (Of(ordinal) is not 0 and var taken)
        {
            _repeated += taken == packed ? 1 : 0;
            return taken == packed ? AppendOutcome.AcceptedBefore : AppendOutcome.ReplayConflict;
        }

        return _inFlight.TryAdd(ordinal, (packed, nextSequence)) ? null : AppendOutcome.ReplayInFlight;
    }

    public void Settle(long ordinal) => _inFlight.Remove(ordinal);

    /// <summary>Remembers a batch that is in the log; again, it changes nothing.</summary>
    public void Add(long ordinal, Signal signal, int records, long acceptedAtUnixNano)
    {
        if (Of(ordinal) != 0)
        {
            return;
        }

        while (_batches.Count <= ordinal)
        {
            _batches.Add(0);
        }

        _batches[(int)ordinal] = Pack(signal, records);
        Batches++;
        FirstAcceptedAt = Math.Min(FirstAcceptedAt, acceptedAtUnixNano);
        LastAcceptedAt = Math.Max(LastAcceptedAt, acceptedAtUnixNano);
    }

    public ReplayResponse ToResponse(string gatewayId, TenantId tenant, string replayId) => new(
        gatewayId,
        tenant,
        replayId,
        UnixNano.ToTime(FirstAcceptedAt),
        UnixNano.ToTime(LastAcceptedAt),
        Batches,
        _repeated,
        [
            .. _batches.Where(b => b != 0)
                .GroupBy(SignalOf)
                .OrderBy(g => g.Key)
                .Select(g => new ReplaySignalResponse(g.Key, g.LongCount(), g.Sum(b => (long)RecordsOf(b)))),
        ]);

    /// <summary>For the checkpoint: batches alike that follow one another are one run.</summary>
    public ReplayRow ToRow(TenantId tenant, string replayId)
    {
        var runs = new List<ReplayRun>();
        for (var i = 0; i < _batches.Count; i++)
        {
            if (_batches[i] == 0)
            {
                continue;
            }

            var from = i;
            while (i + 1 < _batches.Count && _batches[i + 1] == _batches[from])
            {
                i++;
            }

            runs.Add(new ReplayRun(from, i - from + 1, SignalOf(_batches[from]), RecordsOf(_batches[from])));
        }

        return new ReplayRow(tenant, replayId, FirstAcceptedAt, LastAcceptedAt, _repeated, runs);
    }

    private uint Of(long ordinal) => ordinal < _batches.Count ? _batches[(int)ordinal] : 0;

    private static uint Pack(Signal signal, int records) => ((uint)signal << SignalShift) | (uint)records;

    private static Signal SignalOf(uint packed) => (Signal)(packed >> SignalShift);

    private static int RecordsOf(uint packed) => (int)(packed & ((1u << SignalShift) - 1));
}
