using System.Buffers;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Journal;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Exporters;

/// <summary>
/// Sends kept records to an OTLP store, their stamps as attributes. Requests of one frame, tenant and signal are joined: a protobuf message
/// behind another of its type is their merger. A joined request that is refused for good is sent again batch by batch.
/// </summary>
internal sealed partial class OtlpExporter(
    OtlpExporterSettings settings,
    ExporterCursor cursor,
    DecisionJournal journal,
    IKeptReader kept,
    string dataPath,
    TimeProvider time,
    GatewayPipelineInstruments instruments,
    ILogger<OtlpExporter> logger) : Exporter(settings.Name, "otlp", cursor, journal, time)
{
    private const int MaxJoinedBytes = 2 << 20;
    private static readonly TimeSpan s_firstDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_maxDelay = TimeSpan.FromSeconds(30);

    private readonly OtlpSender _sender = new(settings);
    private readonly DeadLetters _deadLetters = new(dataPath, settings.Name);
    private byte[] _buffer = [];

    public override async Task PumpAsync(CancellationToken cancellationToken)
    {
        while (Journal.Read(Cursor.Done + 1) is { } frame)
        {
            var joined = new Dictionary<(TenantId, Signal), Joined>();
            foreach (var batch in frame.Batches)
            {
                if (!batch.IsWhole && batch.Kept.Count == 0)
                {
                    continue;
                }

                if (!kept.TryRead(batch.Sequence, ref _buffer, out var read))
                {
                    throw new IOException($"batch {batch.Sequence} cannot be read back from the log");
                }

                var (entry, payload) = (read.Entry, read.Payload);
                var key = (entry.Tenant, entry.Signal);
                if (!joined.TryGetValue(key, out var request))
                {
                    joined.Add(key, request = new Joined(entry.Tenant, entry.Signal));
                }

                var from = request.Bytes.WrittenCount;
                if (batch.IsWhole)
                {
                    request.Bytes.Write(payload.Span);
                }
                else
                {
                    SpanSlicer.Slice(payload.Span, batch.Kept, frame.Stamps, request.Bytes);
                }

                request.Parts.Add((from, request.Bytes.WrittenCount - from, batch.IsWhole ? entry.RecordCount : batch.Kept.Count, batch.Sequence));
                if (request.Bytes.WrittenCount >= MaxJoinedBytes)
                {
                    joined.Remove(key);
                    await DeliverAsync(frame.Number, request, cancellationToken);
                }
            }

            foreach (var request in joined.Values)
            {
                await DeliverAsync(frame.Number, request, cancellationToken);
            }

            Cursor.Advance(frame.Number);
            Cursor.Save();
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        Cursor.Save();
        _sender.Dispose();
        return Task.CompletedTask;
    }

    private async Task DeliverAsync(ulong frame, Joined request, CancellationToken cancellationToken)
    {
        var result = await TryAsync(request, request.Bytes.WrittenMemory, cancellationToken);
        if (result.Outcome == OtlpSendOutcome.Accepted)
        {
            OnAccepted(request.Parts.Sum(p => p.Records), result);
            return;
        }

        foreach (var (from, length, records, sequence) in request.Parts)
        {
            var bytes = request.Bytes.WrittenMemory.Slice(from, length);
            var single = request.Parts.Count == 1 ? result : await TryAsync(request, bytes, cancellationToken);
            if (single.Outcome == OtlpSendOutcome.Accepted)
            {
                OnAccepted(records, single);
                continue;
            }

            _deadLetters.Write(frame, sequence, request.Tenant, request.Signal, records, $"{single.Reason}: {single.Message}", Time.GetUtcNow(), bytes.Span);
            Cursor.DeadLettered += records;
            instruments.OnExported(Name, "dead_lettered", records);
            Rejected(Name, records, single.Reason);
        }
    }

    private void OnAccepted(long records, in OtlpSendResult result)
    {
        var rejected = Math.Min(records, result.RejectedRecords);
        Cursor.Exported += records - rejected;
        Cursor.DeadLettered += rejected;
        instruments.OnExported(Name, "exported", records - rejected);
        if (rejected > 0)
        {
            instruments.OnExported(Name, "rejected", rejected);
            instruments.OnExportFailed(Name, result.Reason);
            LastError = result.Message;
        }
        else
        {
            LastError = null;
        }
    }

    /// <summary>Sends until it is accepted, refused for good, or too old.</summary>
    private async Task<OtlpSendResult> TryAsync(Joined request, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var started = Time.GetTimestamp();
        var delay = s_firstDelay;
        while (true)
        {
            var result = await _sender.SendAsync(request.Tenant, request.Signal, bytes, cancellationToken);
            if (result.Outcome == OtlpSendOutcome.Accepted)
            {
                return result;
            }

            instruments.OnExportFailed(Name, result.Reason);
            LastError = $"{result.Reason}: {result.Message}";
            var wait = result.RetryAfter ?? (delay * (0.5 + Random.Shared.NextDouble()));
            if (result.Outcome == OtlpSendOutcome.Rejected || Time.GetElapsedTime(started) + wait > settings.MaxElapsed)
            {
                return result;
            }

            Retrying(Name, result.Reason, wait);
            await Task.Delay(wait, Time, cancellationToken);
            delay = delay * 2 < s_maxDelay ? delay * 2 : s_maxDelay;
        }
    }

    [LoggerMessage(PipelineEventIds.ExportRetried, LogLevel.Debug, "exporter {Exporter}: {Reason}; next attempt in {Wait}")]
    private partial void Retrying(string exporter, string reason, TimeSpan wait);

    [LoggerMessage(PipelineEventIds.ExportRejected, LogLevel.Warning, "exporter {Exporter}: {Records} records are dead letters: {Reason}")]
    private partial void Rejected(string exporter, int records, string reason);

    private sealed class Joined(TenantId tenant, Signal signal)
    {
        public TenantId Tenant { get; } = tenant;

        public Signal Signal { get; } = signal;

        public ArrayBufferWriter<byte> Bytes { get; } = new(64 * 1024);

        public List<(int From, int Length, int Records, ulong Sequence)> Parts { get; } = [];
    }
}
