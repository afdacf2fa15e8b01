using System.Buffers;
using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Journal;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Exporters;

/// <summary>
/// Writes kept records to the archive, a segment for each tenant, signal and hour; each is completed when it is full or old, whatever the
/// others do: compressed one after another, put into the store beside each other. The cursor moves over a frame once every segment with a
/// part of it is complete, so a crash writes them again; their names follow from their content, and a capture takes a record once however
/// many segments hold it.
/// </summary>
internal sealed class ArchiveExporter : Exporter
{
    /// <summary>A bucket answers after tens of milliseconds, and a thousand tenants' segments come of age together. In a bucket each may hold a part in memory.</summary>
    public const int MaxCompleting = 8;

    private readonly ArchiveExporterSettings _settings;
    private readonly IKeptReader _kept;
    private readonly IObjectStore _store;
    private readonly string _spoolFolder;
    private readonly string _gatewayId;
    private readonly GatewayPipelineInstruments _instruments;
    private readonly FrameProgress _progress;
    private readonly KeptSlicer _slicer = new();
    private readonly ArrayBufferWriter<byte> _slice = new();
    private readonly Dictionary<(TenantId Tenant, Signal Signal), OpenSegment> _open = [];

    /// <summary>Open ones oldest first, and closed ones that were not at its head.</summary>
    private readonly Queue<OpenSegment> _byAge = new();
    private readonly List<Task> _completing = [];
    private byte[] _buffer = [];
    private ulong _taken;

    public ArchiveExporter(
        ArchiveExporterSettings settings,
        ExporterCursor cursor,
        DecisionJournal journal,
        IKeptReader kept,
        IObjectStore store,
        string spoolFolder,
        string gatewayId,
        TimeProvider time,
        GatewayPipelineInstruments instruments)
        : base(settings.Name, "archive", cursor, journal, time)
    {
        (_settings, _kept, _store, _spoolFolder, _gatewayId, _instruments) = (settings, kept, store, spoolFolder, gatewayId, instruments);
        _progress = new FrameProgress(cursor);
        _taken = cursor.Done;
    }

    public override async Task PumpAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (Journal.Read(_taken + 1) is { } frame)
            {
                var progress = _progress.Begin(frame.Number);
                foreach (var batch in frame.Batches)
                {
                    await TakeInAsync(frame, batch, progress, cancellationToken);
                }

                _taken = frame.Number;
                _progress.Settle(progress, 0, 0);
                await CompleteOldAsync(cancellationToken);
                Save();
            }

            await CompleteOldAsync(cancellationToken);
            await EndCompletionsAsync();
            Save();
        }
        catch (Exception e)
        {
            await AbandonAsync();
            if (!cancellationToken.IsCancellationRequested)
            {
                _instruments.OnExportFailed(Name, e is IOException or UnauthorizedAccessException ? "storage" : "internal");
            }

            throw;
        }
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var segment in _open.Values.ToList())
            {
                await BeginCompletionAsync(segment, cancellationToken);
            }

            await EndCompletionsAsync();
        }
        catch
        {
            await AbandonAsync();
            throw;
        }

        Cursor.Save();
        LastError = null;
    }

    /// <summary>Drops what is not complete; the next pump takes it in again.</summary>
    private async Task AbandonAsync()
    {
        await Task.WhenAll(_completing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _completing.Clear();
        foreach (var segment in _open.Values)
        {
            segment.Writer.Dispose();
        }

        _open.Clear();
        _byAge.Clear();
        _progress.Clear();
        _taken = Cursor.Done;
    }

    private async Task TakeInAsync(JournalFrame frame, BatchDecision batch, FrameProgress.Frame progress, CancellationToken cancellationToken)
    {
        if (!batch.IsWhole && batch.Kept.Count == 0)
        {
            return;
        }

        if (!_kept.TryRead(batch, ref _buffer, out var read) || !Envelope.TryRead(read.Envelope.Span, out var envelope))
        {
            OnLost(batch, _instruments);
            return;
        }

        var (entry, payload) = (read.Entry, read.Payload);
        if (!batch.IsWhole)
        {
            envelope = envelope with { Kept = batch.Kept, Stamps = frame.Stamps };
            if (!read.IsSliced && batch.Kept.Count < entry.RecordCount)
            {
                _slice.ResetWrittenCount();
                _slicer.Slice(entry.Signal.ToOtlp(), payload.Span, batch, isSliced: false, null, null, _slice);
                payload = _slice.WrittenMemory;
            }
        }

        var key = (entry.Tenant, entry.Signal);
        if (_open.TryGetValue(key, out var segment) && !segment.Writer.CanAppend(envelope))
        {
            await BeginCompletionAsync(segment, cancellationToken);
            segment = null;
        }

        if (segment is null)
        {
            segment = new OpenSegment(key, new SegmentWriter(entry.Tenant, entry.Signal, _gatewayId, KnownTiers.Default, _spoolFolder), Time.GetUtcNow());
            _open.Add(key, segment);
            _byAge.Enqueue(segment);
        }

        var before = segment.Writer.Records;
        segment.Writer.Append(envelope, payload.Span);
        if (segment.Add(progress, segment.Writer.Records - before))
        {
            _progress.Expect(progress);
        }

        if (segment.Writer.ContentBytes >= _settings.MaxSegmentBytes)
        {
            await BeginCompletionAsync(segment, cancellationToken);
        }
    }

    /// <summary>Completes what is open for too long.</summary>
    private async Task CompleteOldAsync(CancellationToken cancellationToken)
    {
        var now = Time.GetUtcNow();
        while (_byAge.TryPeek(out var oldest) && (oldest.IsClosed || now - oldest.OpenedAt >= _settings.MaxSegmentAge))
        {
            _byAge.Dequeue();
            if (!oldest.IsClosed)
            {
                await BeginCompletionAsync(oldest, cancellationToken);
            }
        }
    }

    private void Save()
    {
        if (SaveWhenDue())
        {
            LastError = null;
        }
    }

    /// <summary>Takes a segment from the open ones; returns when it is compressed and on its way.</summary>
    private async Task BeginCompletionAsync(OpenSegment segment, CancellationToken cancellationToken)
    {
        while (_completing.Count >= MaxCompleting)
        {
            var ended = await Task.WhenAny(_completing);
            _completing.Remove(ended);
            await ended;
        }

        _open.Remove(segment.Key);
        segment.IsClosed = true;
        _completing.Add(CompleteAsync(segment, cancellationToken));
    }

    private async Task EndCompletionsAsync()
    {
        await Task.WhenAll(_completing);
        _completing.Clear();
    }

    private async Task CompleteAsync(OpenSegment segment, CancellationToken cancellationToken)
    {
        using var writer = segment.Writer;
        var manifest = await writer.CompleteAsync(_store, cancellationToken);
        foreach (var (frame, records) in segment.Parts)
        {
            _progress.Settle(frame, records, 0);
        }

        _instruments.OnExported(Name, "exported", manifest.Records);
        _instruments.OnArchived(segment.Key.Tenant, segment.Key.Signal, KnownTiers.Default, manifest.StoredBytes);
    }

    /// <summary>A segment that is being filled, and how many records of each frame it holds.</summary>
    private sealed class OpenSegment((TenantId Tenant, Signal Signal) key, SegmentWriter writer, DateTimeOffset openedAt)
    {
        private readonly List<(FrameProgress.Frame Frame, long Records)> _parts = [];

        public (TenantId Tenant, Signal Signal) Key => key;

        public SegmentWriter Writer => writer;

        public DateTimeOffset OpenedAt => openedAt;

        public IReadOnlyList<(FrameProgress.Frame Frame, long Records)> Parts => _parts;

        /// <summary>Takes in nothing more: complete, or on its way there.</summary>
        public bool IsClosed { get; set; }

        /// <summary>True for the first part of its frame.</summary>
        public bool Add(FrameProgress.Frame frame, long records)
        {
            if (_parts.Count > 0 && _parts[^1].Frame == frame)
            {
                _parts[^1] = (frame, _parts[^1].Records + records);
                return false;
            }

            _parts.Add((frame, records));
            return true;
        }
    }
}
