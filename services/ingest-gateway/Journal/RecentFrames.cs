using System.Runtime.CompilerServices;
using StellaOps.Telemetry.Archive;

namespace StellaOps.Telemetry.IngestGateway.Journal;

/// <summary>
/// The frames read or written last, so that exporters which follow closely share one object and nobody decodes. Guarded by the journal's lock;
/// at most <see cref="Slots"/> frames of <see cref="MaxBytes"/>, 4 MiB in all.
/// </summary>
internal sealed class RecentFrames
{
    private const int Slots = 64;
    private const int MaxBytes = 64 << 10;

    private readonly JournalFrame?[] _frames = new JournalFrame?[Slots];

    public void Add(JournalFrame frame)
    {
        var bytes = frame.Batches.Count * Unsafe.SizeOf<BatchDecision>();
        foreach (var batch in frame.Batches)
        {
            bytes += (batch.Kept.Count * Unsafe.SizeOf<KeptRecord>()) + (batch.Runs.Count * Unsafe.SizeOf<DecisionRun>());
        }

        // A large one is read again from the page cache: rare, and dear to hold.
        _frames[(int)(frame.Number % Slots)] = bytes <= MaxBytes ? frame : null;
    }

    public JournalFrame? Find(ulong number) => _frames[(int)(number % Slots)] is { } frame && frame.Number == number ? frame : null;
}
