using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using OpenTelemetry.Exporter;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Tests.Shared.Telemetry;

namespace StellaOps.Telemetry.Tests.Shared.Stack;

/// <summary>A registered tenant with an ingest key, and what its senders do.</summary>
public sealed class TenantSender(string name, string ingestKey, Uri grpcUrl, Uri httpUrl, GatewayClient gateway)
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(10);
    private readonly List<SdkWorkload> _workloads = [];

    /// <summary>The tenant.</summary>
    public string Name { get; } = name;

    /// <summary>Its ingest key.</summary>
    public string IngestKey { get; } = ingestKey;

    /// <summary>Spans of all its workloads so far that were acknowledged.</summary>
    public long AcknowledgedSpans => _workloads.Sum(w => w.AcknowledgedSpansByTrace.Values.Sum(n => (long)n));

    /// <summary>The same tenant, sending to another gateway.</summary>
    public TenantSender At(Uri otherHttpUrl) => new(Name, IngestKey, grpcUrl, otherHttpUrl, gateway);

    /// <summary>Starts a service of this tenant that speaks OTLP.</summary>
    public SdkWorkload StartWorkload(string service, OtlpExportProtocol protocol)
    {
        var workload = new SdkWorkload(service, protocol == OtlpExportProtocol.Grpc ? grpcUrl : httpUrl, protocol, IngestKey);
        _workloads.Add(workload);
        return workload;
    }

    /// <summary>Sends an empty request until the gateway takes the key.</summary>
    /// <returns>How long it took.</returns>
    public async Task<TimeSpan> WaitUntilAcceptedAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        using var client = new HttpClient();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(TimeSpan.FromSeconds(20));
        while (await PostAsync(client, "traces", [], "application/x-protobuf", timeout.Token) != HttpStatusCode.OK)
        {
            await Task.Delay(s_poll, timeout.Token);
        }

        return clock.Elapsed;
    }

    /// <summary>Sends one OTLP/HTTP request as it is.</summary>
    public async Task<HttpStatusCode> PostAsync(HttpClient client, string signal, byte[] body, string contentType, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(httpUrl, "v1/" + signal)) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", IngestKey);
        using var response = await client.SendAsync(request, cancellationToken);
        return response.StatusCode;
    }

    /// <summary>Waits until all these traces are decided, and returns the decisions by trace id.</summary>
    public async Task<IReadOnlyDictionary<string, TraceVerdict>> DecisionsAsync(IReadOnlyList<SentTrace> traces, CancellationToken cancellationToken)
    {
        var decisions = new Dictionary<string, TraceVerdict>(StringComparer.Ordinal);
        foreach (var trace in traces)
        {
            decisions[trace.TraceId] = await WaitForDecisionAsync(trace.TraceId, TimeSpan.FromSeconds(60), cancellationToken);
        }

        return decisions;
    }

    /// <summary>Waits until a trace is decided; answers what is known when the time is over.</summary>
    public async Task<TraceVerdict> WaitForDecisionAsync(string traceId, TimeSpan within, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var verdict = await FindAsync(traceId, cancellationToken);
            if (verdict.IsDecided || clock.Elapsed > within)
            {
                return verdict;
            }

            await Task.Delay(s_poll, cancellationToken);
        }
    }

    private async Task<TraceVerdict> FindAsync(string traceId, CancellationToken cancellationToken)
    {
        try
        {
            var found = await gateway.GetTraceDecisionAsync(TenantId.Parse(Name), traceId, cancellationToken);
            return new TraceVerdict(found.Decision, found.Policy);
        }
        catch (ApiException e) when (e.Status == HttpStatusCode.NotFound)
        {
            return new TraceVerdict("unknown", null);
        }
    }
}
