using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace StellaOps.Telemetry.Tests.Shared.Telemetry;

/// <summary>A trace that a workload made.</summary>
/// <param name="TraceId">32 hex digits.</param>
public sealed record SentTrace(string TraceId, bool IsError, int Spans);

/// <summary>
/// One service of one tenant that speaks OTLP through the OpenTelemetry .NET SDK: traces, logs and metrics with personal data in them.
/// </summary>
public sealed class SdkWorkload : IDisposable
{
    private const int SpansPerTrace = 3;

    private readonly ActivitySource _source;
    private readonly Meter _meter;
    private readonly Counter<long> _requests;
    private readonly TracerProvider _traces;
    private readonly MeterProvider _metrics;
    private readonly ILoggerFactory _logs;
    private readonly ILogger _logger;
    private readonly AcknowledgingExporter _exporter;
    private long _served;

    /// <param name="endpoint">OTLP endpoint: of gRPC its root, of HTTP the root before <c>/v1/...</c>.</param>
    public SdkWorkload(string serviceName, Uri endpoint, OtlpExportProtocol protocol, string ingestKey)
    {
        var name = "workload." + serviceName + "." + Guid.NewGuid().ToString("N");
        _source = new ActivitySource(name);
        _meter = new Meter(name);
        _requests = _meter.CreateCounter<long>("workload.requests", "{request}", "Requests served");
        var resource = ResourceBuilder.CreateDefault().AddService(serviceName).AddAttributes([new("host.contact", PersonalData.Texts[0].Text)]);
        _exporter = new AcknowledgingExporter(new OtlpTraceExporter(Options(endpoint, protocol, ingestKey, "v1/traces")));
        _traces = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .SetSampler(new AlwaysOnSampler())
            .AddSource(name)
            .AddProcessor(new BatchActivityExportProcessor(_exporter, maxQueueSize: 65_536, scheduledDelayMilliseconds: 100))
            .Build();
        _metrics = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(name)
            .AddReader(new PeriodicExportingMetricReader(new OtlpMetricExporter(Options(endpoint, protocol, ingestKey, "v1/metrics")), 60_000))
            .Build();
        _logs = LoggerFactory.Create(b => b.AddOpenTelemetry(o =>
        {
            o.SetResourceBuilder(resource);
            o.IncludeFormattedMessage = true;
            o.AddOtlpExporter((e, p) =>
            {
                Configure(e, endpoint, protocol, ingestKey, "v1/logs");
                p.BatchExportProcessorOptions.ScheduledDelayMilliseconds = 100;
            });
        }));
        _logger = _logs.CreateLogger(name);
    }

    /// <summary>Trace ids of spans whose export the gateway acknowledged.</summary>
    public IReadOnlyDictionary<string, int> AcknowledgedSpansByTrace => _exporter.Acknowledged;

    /// <summary>Spans whose export failed.</summary>
    public long FailedSpans => _exporter.Failed;

    /// <summary>Serves requests: one trace of three spans, one log record and one count each; every <paramref name="errorEvery"/>th fails.</summary>
    public IReadOnlyList<SentTrace> Serve(int requests, int errorEvery)
    {
        var sent = new List<SentTrace>(requests);
        for (var i = 0; i < requests; i++)
        {
            var isError = errorEvery > 0 && i % errorEvery == 0;
            Activity.Current = null;
            using var root = _source.StartActivity($"GET /orders/{i}", ActivityKind.Server)!;
            root.SetTag("http.request.method", "GET").SetTag("client.address", PersonalData.Texts[3].Text).SetTag("app.note", PersonalData.Sentence);
            using (var query = _source.StartActivity("SELECT orders", ActivityKind.Client)!)
            {
                query.SetTag("db.query.text", $"SELECT * FROM orders WHERE mail = '{PersonalData.Texts[0].Text}'").SetTag("payment.card", PersonalData.CardNumber);
                query.AddEvent(new ActivityEvent("row", tags: new ActivityTagsCollection([new("card", PersonalData.CardNumber)])));
                if (isError)
                {
                    query.SetStatus(ActivityStatusCode.Error, "refused for " + PersonalData.Texts[0].Text);
                }
            }

            using (var render = _source.StartActivity("render")!)
            {
                render.SetTag("authorization", PersonalData.Texts[5].Text);
            }

            _requests.Add(1, new KeyValuePair<string, object?>("http.request.method", "GET"));
            WorkloadLog.Served(_logger, i, PersonalData.Sentence);
            sent.Add(new SentTrace(root.TraceId.ToHexString(), isError, SpansPerTrace));
            Interlocked.Add(ref _served, SpansPerTrace);
        }

        return sent;
    }

    /// <summary>Sends everything still queued, and waits for the answers.</summary>
    /// <exception cref="InvalidOperationException">Something could not be sent in time.</exception>
    public void FlushAll()
    {
        const int Milliseconds = 30_000;
        var isFlushed = _traces.ForceFlush(Milliseconds) & _metrics.ForceFlush(Milliseconds);

        // The SDK's flush ends when the last batch was taken out of the queue, which is before it is answered.
        isFlushed &= SpinWait.SpinUntil(() => _exporter.AnsweredSpans >= Interlocked.Read(ref _served), Milliseconds);
        if (!isFlushed || FailedSpans > 0)
        {
            throw new InvalidOperationException($"not everything was sent; {FailedSpans} spans failed");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _traces.Dispose();
        _metrics.Dispose();
        _logs.Dispose();
        _meter.Dispose();
        _source.Dispose();
    }

    private static OtlpExporterOptions Options(Uri endpoint, OtlpExportProtocol protocol, string ingestKey, string path)
    {
        var options = new OtlpExporterOptions();
        Configure(options, endpoint, protocol, ingestKey, path);
        return options;
    }

    private static void Configure(OtlpExporterOptions options, Uri endpoint, OtlpExportProtocol protocol, string ingestKey, string path)
    {
        options.Protocol = protocol;
        options.Endpoint = protocol == OtlpExportProtocol.Grpc ? endpoint : new Uri(endpoint, path);
        options.Headers = "authorization=Bearer " + ingestKey;
        options.TimeoutMilliseconds = 10_000;
    }

    /// <summary>The SDK's own exporter, with an ear on its result.</summary>
    private sealed class AcknowledgingExporter(BaseExporter<Activity> inner) : BaseExporter<Activity>
    {
        private readonly ConcurrentDictionary<string, int> _acknowledged = new(StringComparer.Ordinal);
        private long _failed;
        private long _answered;

        public IReadOnlyDictionary<string, int> Acknowledged => _acknowledged;

        public long Failed => Interlocked.Read(ref _failed);

        /// <summary>Spans whose export ended, well or not.</summary>
        public long AnsweredSpans => Interlocked.Read(ref _answered);

        public override ExportResult Export(in Batch<Activity> batch)
        {
            var activities = new List<Activity>();
            foreach (var activity in batch)
            {
                activities.Add(activity);
            }

            var result = inner.Export(new Batch<Activity>([.. activities], activities.Count));
            if (result == ExportResult.Success)
            {
                foreach (var activity in activities)
                {
                    _acknowledged.AddOrUpdate(activity.TraceId.ToHexString(), 1, (_, n) => n + 1);
                }
            }
            else
            {
                Interlocked.Add(ref _failed, activities.Count);
            }

            Interlocked.Add(ref _answered, activities.Count);
            return result;
        }

        protected override bool OnShutdown(int timeoutMilliseconds) => inner.Shutdown(timeoutMilliseconds);
    }
}

internal static partial class WorkloadLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "served order {Order}: {Note}")]
    public static partial void Served(ILogger logger, int order, string note);
}
