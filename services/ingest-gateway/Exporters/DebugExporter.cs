using System.Globalization;
using System.Text;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.IngestGateway.Journal;
using StellaOps.Telemetry.IngestGateway.Log;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.Otlp;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Exporters;

/// <summary>
/// Says in the process's log what is kept: one line for each pump with numbers, and in detail the kind, service and name of the first records.
/// Their attributes are not shown: a line of the log is read by more people than a store.
/// </summary>
internal sealed partial class DebugExporter(
    DebugExporterSettings settings, ExporterCursor cursor, DecisionJournal journal, IKeptReader kept, TimeProvider time, ILogger<DebugExporter> logger)
    : Exporter(settings.Name, "debug", cursor, journal, time), IPayloadTarget
{
    private const int MaxNameLength = 80;

    private readonly KeptSlicer _slicer = new();
    private byte[] _buffer = [];

    public override Task PumpAsync(CancellationToken cancellationToken)
    {
        var (batches, spans, points, logs) = (0, 0L, 0L, 0L);
        var named = new List<string>();
        while (!cancellationToken.IsCancellationRequested && Journal.Read(Cursor.Done + 1) is { } frame)
        {
            foreach (var batch in frame.Batches)
            {
                var records = batch.KeptCount;
                if (records == 0 || !kept.TryReadPayload(batch, this, out var read))
                {
                    continue;
                }

                batches++;
                switch (read.Entry.Signal)
                {
                    case Signal.Traces:
                        spans += records;
                        break;
                    case Signal.Metrics:
                        points += records;
                        break;
                    default:
                        logs += records;
                        break;
                }

                if (settings.IsDetailed && named.Count < settings.MaxRecords)
                {
                    AddNames(batch, read, named);
                }
            }

            Cursor.Advance(frame.Number, frame.Kept, 0);
        }

        if (batches > 0)
        {
            LogKept(Name, batches, spans, points, logs, named.Count == 0 ? "" : ": " + string.Join("; ", named));
        }

        // Nothing is lost when it begins again behind: it says so twice.
        Cursor.Save();
        LastError = null;
        return Task.CompletedTask;
    }

    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        Cursor.Save();
        return Task.CompletedTask;
    }

    Memory<byte> IPayloadTarget.Reserve(in BatchEntry entry, int length)
    {
        if (_buffer.Length < length)
        {
            _buffer = new byte[Math.Max(length, _buffer.Length * 2)];
        }

        return _buffer.AsMemory(0, length);
    }

    private void AddNames(BatchDecision batch, in KeptPayload read, List<string> named)
    {
        var payload = read.Payload.Span;
        var signal = read.Entry.Signal switch { Signal.Traces => OtlpSignal.Traces, Signal.Metrics => OtlpSignal.Metrics, _ => OtlpSignal.Logs };
        if (!batch.IsWhole && !read.IsSliced)
        {
            var sliced = new System.Buffers.ArrayBufferWriter<byte>();
            _slicer.Slice(signal, payload, batch, isSliced: false, null, null, sliced);
            payload = sliced.WrittenSpan;
        }

        var reader = new RecordReader(signal, payload);
        while (named.Count < settings.MaxRecords && reader.TryRead(out var record))
        {
            var service = ResourceView.TryGetServiceName(record.Resource, out var found) ? Shown(found) : "?";
            named.Add(read.Entry.Signal switch
            {
                Signal.Traces when SpanView.TryRead(record.Record, out var span) => $"span '{Shown(span.Name)}' of {service}, trace {Convert.ToHexStringLower(record.TraceId)}, status {span.StatusCode.ToString(CultureInfo.InvariantCulture)}",
                Signal.Metrics => $"point of '{Shown(record.Metric.Name)}' of {service}",
                _ => $"log record of {service}, trace {Convert.ToHexStringLower(record.TraceId)}",
            });
        }
    }

    /// <summary>Of a name what fits in a line, without what would make another.</summary>
    private static string Shown(ReadOnlySpan<byte> name)
    {
        var text = Encoding.UTF8.GetString(name[..Math.Min(name.Length, MaxNameLength)]);
        return string.Create(text.Length, text, static (to, from) =>
        {
            for (var i = 0; i < to.Length; i++)
            {
                to[i] = char.IsControl(from[i]) || from[i] is '\u2028' or '\u2029' ? ' ' : from[i];
            }
        });
    }

    [LoggerMessage(PipelineEventIds.Debugged, LogLevel.Information, "exporter {Exporter}: {Batches} batches with {Spans} spans, {Points} data points, {Records} log records{Named}")]
    private partial void LogKept(string exporter, int batches, long spans, long points, long records, string named);
}
