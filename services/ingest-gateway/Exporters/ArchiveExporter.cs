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
/// Writes kept records to the archive. The cursor moves only when every open segment is complete, so a crash writes them again; their
/// names follow from their content, and a capture takes a record once however many segments hold it.
/// </summary>
internal sealed class ArchiveExporter(
    ArchiveExporterSettings settings,
    ExporterCursor cursor,
    DecisionJournal journal,
    IKeptReader kept,
    IObjectStore store,
    string spoolFolder,
    string gatewayId,
    TimeProvider time,
    GatewayPipelineInstruments instruments) : Exporter(settings.Name, "archive", cursor, journal, time)
{
    private readonly Dictionary<(TenantId Tenant, Signal Signal), SegmentWriter> _segments = [];
    private readonly ArrayBufferWriter<byte> _slice = new();
    private readonly KeptSlicer _slicer = new();
    private byte[] _buffer = [];
    private ulong _taken = cursor.Done;
    private long _openedAt;

    public override async Task PumpAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (Journal.Read(_taken + 1) is { } frame)
            {
                foreach (var batch in frame.Batches)
                {
                    await TakeInAsync(frame, batch, cancellationToken);
                }

                _taken = frame.Number;
                if (_segments.Values.Any(s => s.ContentBytes >= settings.MaxSegmentBytes))
                {
                    await FlushAsync(cancellationToken);
                }
            }

            if (_segments.Count == 0 || UnixNano.Of(Time.GetUtcNow()) - _openedAt >= settings.MaxSegmentAge.Ticks * 100)
            {
                await FlushAsync(cancellationToken);
            }
        }
        catch (Exception e)
        {
            Abandon();
            if (!cancellationToken.IsCancellationRequested)
            {
                instruments.OnExportFailed(Name, e is IOException or UnauthorizedAccessException ? "storage" : "internal");
            }

            throw;
        }
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        foreach (var (key, segment) in _segments.ToList())
        {
            await CompleteAsync(key, segment, cancellationToken);
        }

        Cursor.Advance(_taken);
        Cursor.Save();
        LastError = null;
    }

    /// <summary>Drops what is not complete; the next pump takes it in again.</summary>
    private void Abandon()
    {
        var abandoned = _segments.Values.ToList();
        _segments.Clear();
        _taken = Cursor.Done;
        foreach (var segment in abandoned)
        {
            try
            {
                segment.Dispose();
            }
            catch (IOException)
            {
                // A full disk takes not even what was still to be flushed; nobody wants it.
            }
        }
    }

    private async Task TakeInAsync(JournalFrame frame, BatchDecision batch, CancellationToken cancellationToken)
    {
        if (!batch.IsWhole && batch.Kept.Count == 0)
        {
            return;
        }

        if (!kept.TryRead(batch, ref _buffer, out var read) || !Envelope.TryRead(read.Envelope.Span, out var envelope))
        {
            OnLost(batch, instruments);
            return;
        }

        var (entry, payload) = (read.Entry, read.Payload);
        if (!batch.IsWhole)
        {
            envelope = envelope with { Kept = batch.Kept, Stamps = frame.Stamps };
            if (!read.IsSliced && batch.Kept.Count < entry.RecordCount)
            {
                _slice.ResetWrittenCount();
                _slicer.Slice(entry.Signal.ToOtlp(), payload.Span, batch, isSliced: false, null, _slice);
                payload = _slice.WrittenMemory;
            }
        }

        var key = (entry.Tenant, entry.Signal);
        if (_segments.TryGetValue(key, out var segment) && !segment.CanAppend(envelope))
        {
            await CompleteAsync(key, segment, cancellationToken);
            segment = null;
        }

        if (segment is null)
        {
            if (_segments.Count == 0)
            {
                _openedAt = UnixNano.Of(Time.GetUtcNow());
            }

            _segments.Add(key, segment = new SegmentWriter(entry.Tenant, entry.Signal, gatewayId, KnownTiers.Default, spoolFolder));
        }

        segment.Append(envelope, payload.Span);
    }

    private async Task CompleteAsync((TenantId Tenant, Signal Signal) key, SegmentWriter segment, CancellationToken cancellationToken)
    {
        var manifest = await segment.CompleteAsync(store, cancellationToken);
        _segments.Remove(key);
        segment.Dispose();
        Cursor.Exported += manifest.Records;
        instruments.OnExported(Name, "exported", manifest.Records);
        instruments.OnArchived(key.Tenant, key.Signal, KnownTiers.Default, manifest.StoredBytes);
    }
}
