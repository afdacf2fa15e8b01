using System.Text.Json;
using StellaOps.Telemetry.IngestGateway.Journal;
using StellaOps.Telemetry.IngestGateway.Ledger;
using StellaOps.Telemetry.IngestGateway.Log;
using StellaOps.Telemetry.IngestGateway.Pipeline;

namespace StellaOps.Telemetry.IngestGateway.Exporters;

/// <summary>What a cursor file holds.</summary>
internal sealed record CursorState(ulong Frame, long Exported, long DeadLettered);

/// <summary>A durable place in the journal: every frame up to <see cref="Done"/> is where it has to be.</summary>
internal sealed class ExporterCursor : IRetentionHolder
{
    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly DecisionJournal _journal;
    private ulong _done;
    private ulong _saved;
    private ulong _needed;

    public ExporterCursor(string dataPath, string name, DecisionJournal journal)
    {
        _journal = journal;
        var folder = Path.Combine(dataPath, "cursors");
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _path = Path.Combine(folder, name + ".json");
        var isNew = !File.Exists(_path);
        if (!isNew && JsonSerializer.Deserialize(File.ReadAllBytes(_path), LedgerJson.Default.CursorState) is { } state)
        {
            (_done, Exported, DeadLettered) = (state.Frame, state.Exported, state.DeadLettered);
        }

        // A new exporter begins with what is decided from now on, and says so on disk: a crash must not make it new again. Behind the
        // journal's first frame: it was away. Above its last: frames lost with the machine are decided and exported anew.
        _done = isNew ? journal.LastFrame : Math.Clamp(_done, journal.FirstFrame - 1, journal.LastFrame);
        _saved = _done;
        _needed = journal.LowAfter(_done);
        if (isNew)
        {
            Write(new CursorState(_done, 0, 0));
        }
    }

    /// <summary>The last frame that is done, in memory.</summary>
    public ulong Done => Volatile.Read(ref _done);

    /// <summary>The last frame that is done on disk.</summary>
    public ulong Saved => Volatile.Read(ref _saved);

    /// <summary>Records delivered by the frames that are done. Set by one writer at a time.</summary>
    public long Exported { get; set; }

    /// <summary>Records that the target refused for good. Set by one writer at a time.</summary>
    public long DeadLettered { get; set; }

    public ulong NeededFrom => Volatile.Read(ref _needed);

    /// <summary>Moves on in memory.</summary>
    public void Advance(ulong frame) => Advance(frame, 0, 0);

    /// <summary>Moves on in memory, and counts what became of the frame's records.</summary>
    public void Advance(ulong frame, long exported, long deadLettered)
    {
        lock (_lock)
        {
            Volatile.Write(ref _done, Math.Max(_done, frame));
            Exported += exported;
            DeadLettered += deadLettered;
        }
    }

    /// <summary>Makes the place durable, and lets go of the log below it.</summary>
    public void Save()
    {
        CursorState state;
        lock (_lock)
        {
            state = new CursorState(_done, Exported, DeadLettered);
        }

        if (_saved == state.Frame)
        {
            return;
        }

        Write(state);
        Volatile.Write(ref _saved, state.Frame);
        Volatile.Write(ref _needed, _journal.LowAfter(state.Frame));
    }

    private void Write(CursorState state) => DurableFile.Write(_path, JsonSerializer.SerializeToUtf8Bytes(state, LedgerJson.Default.CursorState));
}
