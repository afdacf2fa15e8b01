using System.Buffers;
using System.Globalization;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using OpenTelemetry.Proto.Metrics.V1;
using OpenTelemetry.Proto.Resource.V1;
using OpenTelemetry.Proto.Trace.V1;
using StellaOps.Telemetry.Archive.Frames;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Evidence.Bundles;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Otlp;
using Span = OpenTelemetry.Proto.Trace.V1.Span;

namespace StellaOps.Telemetry.Tests.Shared.Evidence;

/// <summary>A signed bundle of a few records of each signal, a tenth of a second from one to the next, in a folder of its own.</summary>
public sealed class SampleBundle : IDisposable
{
    private const ulong First = 1_700_000_000_000_000_000;
    private const ulong Step = 100_000_000;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stella-sample-");

    private SampleBundle()
    {
    }

    public string Folder => _folder.FullName;

    public string Archive => Path.Combine(Folder, "sample.tar.zst");

    /// <summary>The public half of the key that signed it.</summary>
    public string KeyFile => Path.Combine(Folder, "evidence.pub");

    public WrittenBundle Written { get; private set; } = null!;

    public BundleFiles Files => BundleFiles.Locate(Archive);

    public static async Task<SampleBundle> CreateAsync(int spans, int points, int logs)
    {
        var bundle = new SampleBundle();
        using var key = SigningKey.Create();
        await File.WriteAllTextAsync(bundle.KeyFile, key.Public.ToPem());
        var frames = new Dictionary<Signal, IAsyncEnumerable<ReadOnlyMemory<byte>>>
        {
            [Signal.Traces] = FramesAsync(OtlpSignal.Traces, spans, SpanOf),
            [Signal.Metrics] = FramesAsync(OtlpSignal.Metrics, points, PointOf),
            [Signal.Logs] = FramesAsync(OtlpSignal.Logs, logs, LogOf),
        };
        bundle.Written = await new BundleWriter(new OtlpFrameInspector(), Path.Combine(bundle.Folder, "spool")).WriteAsync(bundle.Folder, "sample", frames, CancellationToken.None);
        await BundleSigner.SignAsync(bundle.Folder, bundle.Written, "{}"u8.ToArray(), key, CancellationToken.None);
        return bundle;
    }

    /// <summary>Its frames, as its reader gives them.</summary>
    public async Task<List<(Signal Signal, byte[] Bytes)>> FramesAsync()
    {
        var frames = new List<(Signal, byte[])>();
        await foreach (var frame in new BundleReader(Files).ReadAsync(CancellationToken.None))
        {
            frames.Add((frame.Signal, frame.Bytes.ToArray()));
        }

        return frames;
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> FramesAsync(OtlpSignal signal, int count, Func<int, ulong, IMessage> request)
    {
        await Task.CompletedTask;
        for (var i = 0; i < count; i++)
        {
            yield return Canonical(signal, request(i, First + ((ulong)i * Step)).ToByteArray());
        }
    }

    private static byte[] Canonical(OtlpSignal signal, byte[] request)
    {
        var reader = new RecordReader(signal, request);
        var frame = new ArrayBufferWriter<byte>();
        if (!reader.TryRead(out var record))
        {
            throw new InvalidDataException("the request has no record");
        }

        CanonicalFrame.Write(record, frame);
        return frame.WrittenSpan.ToArray();
    }

    private static ExportTraceServiceRequest SpanOf(int i, ulong time)
    {
        var span = new Span
        {
            TraceId = ByteString.CopyFrom([.. Enumerable.Repeat((byte)(i + 1), 16)]),
            SpanId = ByteString.CopyFrom([.. Enumerable.Repeat((byte)(i + 1), 8)]),
            Name = "GET /",
            StartTimeUnixNano = time,
            EndTimeUnixNano = time + 5,
        };
        span.Events.Add(new Span.Types.Event { TimeUnixNano = time + 1, Name = "retry" });
        return new() { ResourceSpans = { new ResourceSpans { Resource = Shop(), ScopeSpans = { new ScopeSpans { Spans = { span } } } } } };
    }

    private static ExportMetricsServiceRequest PointOf(int i, ulong time)
    {
        var point = new NumberDataPoint { AsDouble = i, StartTimeUnixNano = First, TimeUnixNano = time };
        point.Attributes.Add(Text("shop", (i % 4).ToString(CultureInfo.InvariantCulture)));
        point.Exemplars.Add(new Exemplar { TimeUnixNano = time - 3, AsDouble = 1 });
        var metric = new Metric { Name = "sample_orders", Gauge = new Gauge { DataPoints = { point } } };
        return new() { ResourceMetrics = { new ResourceMetrics { Resource = Shop(), ScopeMetrics = { new ScopeMetrics { Metrics = { metric } } } } } };
    }

    private static ExportLogsServiceRequest LogOf(int i, ulong time)
    {
        var log = new LogRecord { TimeUnixNano = time, ObservedTimeUnixNano = time + 7, Body = new AnyValue { StringValue = string.Create(CultureInfo.InvariantCulture, $"line {i}") } };
        return new() { ResourceLogs = { new ResourceLogs { Resource = Shop(), ScopeLogs = { new ScopeLogs { LogRecords = { log } } } } } };
    }

    private static Resource Shop() => new() { Attributes = { Text("service.name", "shop") } };

    private static KeyValue Text(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };
}
