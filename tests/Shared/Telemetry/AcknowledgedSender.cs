using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Resource.V1;
using OpenTelemetry.Proto.Trace.V1;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.Tests.Shared.Telemetry;

/// <summary>
/// One sender of one tenant that sends small batches without end and remembers which spans it got acknowledged. It never sends a span twice:
/// what it has no answer for may be in the log or not, and what was acknowledged must be.
/// </summary>
/// <remarks>A trace is a root span in one batch and its child in the next one, so a kill also falls between the spans of a trace.</remarks>
public sealed class AcknowledgedSender : IAsyncDisposable
{
    private const int TracesPerBatch = 2;
    private const int ErrorEvery = 20;
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_pauseAfterFailure = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_answerTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly TenantSender _tenant;
    private readonly HttpClient _http = new() { Timeout = s_answerTimeout };
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<HttpStatusCode, long> _refusals = new();
    private readonly List<(string TraceId, string SpanId)> _acknowledged = [];
    private readonly List<(string TraceId, string SpanId)> _unanswered = [];
    private readonly HashSet<string> _errorTraces = new(StringComparer.Ordinal);
    private readonly Task _loop;
    private long _acknowledgedBatches;

    private AcknowledgedSender(TenantSender tenant)
    {
        _tenant = tenant;
        _loop = Task.Run(SendAsync);
    }

    /// <summary>Spans whose request was answered with success, as lower-case hex. To be read after <see cref="StopAsync"/>.</summary>
    public IReadOnlyList<(string TraceId, string SpanId)> Acknowledged => _acknowledged;

    /// <summary>Spans whose request got no answer: in the log or not. To be read after <see cref="StopAsync"/>.</summary>
    public IReadOnlyList<(string TraceId, string SpanId)> Unanswered => _unanswered;

    /// <summary>Traces with an acknowledged span that failed. To be read after <see cref="StopAsync"/>.</summary>
    public IReadOnlySet<string> ErrorTraces => _errorTraces;

    /// <summary>Requests that were refused, by status.</summary>
    public IReadOnlyDictionary<HttpStatusCode, long> Refusals => _refusals;

    /// <summary>Starts to send.</summary>
    public static AcknowledgedSender Start(TenantSender tenant) => new(tenant);

    /// <summary>Waits until this many more batches were acknowledged.</summary>
    public Task HasSentAsync(int batches)
    {
        var wanted = Interlocked.Read(ref _acknowledgedBatches) + batches;
        return Eventually.HoldsAsync(
            () => _loop.IsFaulted ? throw new InvalidOperationException("the sender failed", _loop.Exception) : Interlocked.Read(ref _acknowledgedBatches) >= wanted,
            s_patience,
            $"{batches} more batches of {_tenant.Name} are acknowledged; refusals: {string.Join(", ", _refusals)}");
    }

    /// <summary>Ends after the answer to the request that is under way.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _loop;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _http.Dispose();
        _stopping.Dispose();
    }

    private async Task SendAsync()
    {
        IReadOnlyList<Span> roots = [];
        for (var number = 0; !_stopping.IsCancellationRequested; number += TracesPerBatch)
        {
            var children = roots.Select(r => NewSpan(r.TraceId, r.SpanId, isError: false)).ToList();
            roots = [.. Enumerable.Range(number, TracesPerBatch).Select(n => NewSpan(NewId(16), ByteString.Empty, n % ErrorEvery == 0))];
            var pause = await SendAsync([.. roots, .. children]) ? s_pace : s_pauseAfterFailure;
            await Task.Delay(pause, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> SendAsync(IReadOnlyList<Span> spans)
    {
        var ids = spans.Select(s => (Convert.ToHexStringLower(s.TraceId.Span), Convert.ToHexStringLower(s.SpanId.Span)));
        HttpStatusCode status;
        try
        {
            // Not cancelled by stopping: a request that was sent is waited for.
            status = await _tenant.PostAsync(_http, "traces", RequestOf(spans).ToByteArray(), "application/x-protobuf", CancellationToken.None);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            _unanswered.AddRange(ids);
            return false;
        }

        if (status != HttpStatusCode.OK)
        {
            _refusals.AddOrUpdate(status, 1, (_, n) => n + 1);
            return false;
        }

        _acknowledged.AddRange(ids);
        _errorTraces.UnionWith(spans.Where(s => s.Status?.Code == Status.Types.StatusCode.Error).Select(s => Convert.ToHexStringLower(s.TraceId.Span)));
        Interlocked.Increment(ref _acknowledgedBatches);
        return true;
    }

    private static Span NewSpan(ByteString traceId, ByteString parent, bool isError)
    {
        const ulong Millisecond = 1_000_000;
        var now = (ulong)TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * Millisecond;
        return new Span
        {
            TraceId = traceId,
            SpanId = NewId(8),
            ParentSpanId = parent,
            Name = parent.IsEmpty ? "GET /orders" : "SELECT orders",
            Kind = parent.IsEmpty ? Span.Types.SpanKind.Server : Span.Types.SpanKind.Client,
            StartTimeUnixNano = now,
            EndTimeUnixNano = now + Millisecond,
            Status = isError ? new Status { Code = Status.Types.StatusCode.Error, Message = "refused" } : null,
        };
    }

    private static ExportTraceServiceRequest RequestOf(IEnumerable<Span> spans) => new()
    {
        ResourceSpans =
        {
            new ResourceSpans
            {
                Resource = new Resource { Attributes = { new KeyValue { Key = "service.name", Value = new AnyValue { StringValue = "orders" } } } },
                ScopeSpans = { new ScopeSpans { Scope = new InstrumentationScope { Name = "acknowledged-sender" }, Spans = { spans } } },
            },
        },
    };

    private static ByteString NewId(int length) => ByteString.CopyFrom(RandomNumberGenerator.GetBytes(length));
}
