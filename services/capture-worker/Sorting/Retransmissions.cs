using System.Runtime.InteropServices;

namespace StellaOps.Telemetry.CaptureWorker.Sorting;

/// <summary>
/// Finds batches that a sender sent again: the same batch hash at another place of a log within ten minutes. Records of a repetition count as
/// the records of the earliest one, index by index, so it does not matter of which copy the archive holds which part.
/// </summary>
/// <remarks>Holds about 60 bytes per batch of the window; frames of one batch are one batch.</remarks>
internal sealed class Retransmissions
{
    /// <summary>How long after the first one an identical batch is taken for the same (architecture.md: Records).</summary>
    public static readonly TimeSpan Span = TimeSpan.FromMinutes(10);

    private static readonly long s_spanNanoseconds = (long)Span.TotalNanoseconds;
    private readonly Dictionary<UInt128, Batch> _first = [];
    private readonly Dictionary<UInt128, HashSet<Batch>> _repeated = [];
    private Dictionary<(int Gateway, ulong Sequence), Batch>? _origins;

    /// <summary>Takes note of a frame's batch.</summary>
    /// <param name="hash">16 bytes.</param>
    /// <param name="gatewayName">Breaks ties, so that the choice does not depend on the order of reading.</param>
    public void Add(ReadOnlySpan<byte> hash, int gateway, string gatewayName, ulong sequence, long acceptedAt)
    {
        var key = MemoryMarshal.Read<UInt128>(hash);
        var batch = new Batch(acceptedAt, gatewayName, gateway, sequence);
        if (!_first.TryGetValue(key, out var first))
        {
            _first.Add(key, batch);
        }
        else if (first != batch)
        {
            if (!_repeated.TryGetValue(key, out var all))
            {
                _repeated.Add(key, all = [first]);
            }

            all.Add(batch);
        }
    }

    /// <summary>The origin that a record counts as. Ask only after every batch of the window was added.</summary>
    public RecordOrigin Resolve(RecordOrigin origin)
    {
        _origins ??= Build();
        return _origins.TryGetValue((origin.Gateway, origin.Sequence), out var first)
            ? new RecordOrigin(first.Gateway, first.Sequence, origin.Index)
            : origin;
    }

    private Dictionary<(int Gateway, ulong Sequence), Batch> Build()
    {
        var origins = new Dictionary<(int, ulong), Batch>();
        foreach (var batches in _repeated.Values)
        {
            Batch? kept = null;
            foreach (var batch in batches.OrderBy(b => b.AcceptedAt).ThenBy(b => b.GatewayName, StringComparer.Ordinal).ThenBy(b => b.Sequence))
            {
                if (kept is { } first && batch.AcceptedAt - first.AcceptedAt <= s_spanNanoseconds)
                {
                    origins.Add((batch.Gateway, batch.Sequence), first);
                }
                else
                {
                    kept = batch;
                }
            }
        }

        return origins;
    }

    private readonly record struct Batch(long AcceptedAt, string GatewayName, int Gateway, ulong Sequence);
}
