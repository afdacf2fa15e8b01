using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.IngestGateway.Journal;
using StellaOps.Telemetry.IngestGateway.Pipeline;

namespace StellaOps.Telemetry.IngestGateway.Exporters;

/// <summary>One exporter: a cursor over the journal, and what it does with a frame. Independent of every other.</summary>
internal abstract class Exporter(string name, string kind, ExporterCursor cursor, DecisionJournal journal, TimeProvider time)
{
    /// <summary>How far the cursor on disk may lie behind: so much may be exported again after a crash.</summary>
    private static readonly TimeSpan s_savePeriod = TimeSpan.FromMilliseconds(250);

    private DateTimeOffset _savedAt;

    public string Name { get; } = name;

    public ExporterCursor Cursor { get; } = cursor;

    protected DecisionJournal Journal { get; } = journal;

    protected TimeProvider Time { get; } = time;

    protected volatile string? LastError;

    public ExporterStatus Status
    {
        get
        {
            var (records, oldest) = Journal.PendingAfter(Cursor.Done);
            var age = oldest is { } at ? Math.Max(0, (UnixNano.Of(Time.GetUtcNow()) - at) / (double)UnixNano.PerSecond) : 0;
            return new ExporterStatus(Name, kind, records, age, LastError, Circuit switch { CircuitState.Open => "open", CircuitState.HalfOpen => "half_open", CircuitState.Closed => "closed", _ => null });
        }
    }

    /// <summary>Whether its target is tried; null for one that has no breaker.</summary>
    public virtual CircuitState? Circuit => null;

    public void Fail(Exception e) => LastError = e.Message;

    /// <summary>Makes the place durable when it moved, and was not for a while. True when it did.</summary>
    protected bool SaveWhenDue()
    {
        var now = Time.GetUtcNow();
        if (now - _savedAt < s_savePeriod || Cursor.Saved == Cursor.Done)
        {
            return false;
        }

        Cursor.Save();
        _savedAt = now;
        return true;
    }

    /// <summary>A batch is nowhere any more, or damaged: says so, counts it, and goes on with the next.</summary>
    protected void OnLost(BatchDecision batch, GatewayPipelineInstruments instruments)
    {
        LastError = $"batch {batch.Sequence} cannot be read back: the disk lost it, or the exporter was away while it was dropped";
        instruments.OnExported(Name, "lost", Math.Max(1, batch.Kept.Count));
    }

    /// <summary>Exports all frames that are there.</summary>
    public abstract Task PumpAsync(CancellationToken cancellationToken);

    /// <summary>Makes everything durable that was taken in.</summary>
    public abstract Task FlushAsync(CancellationToken cancellationToken);
}
