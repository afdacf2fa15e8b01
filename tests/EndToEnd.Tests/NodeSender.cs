using System.Globalization;
using System.Text.Json;
using StellaOps.Telemetry.Tests.Shared;

namespace StellaOps.Telemetry.EndToEnd.Tests;

/// <summary>OpenTelemetry's SDK for Node, a third party to us, as a process of its own (<c>node/sender.mjs</c>).</summary>
public sealed class NodeSender : IAsyncLifetime
{
    private readonly NodeFolder _folder = new("EndToEnd.Tests");

    /// <summary>Gets its packages, where they are not there yet.</summary>
    public async ValueTask InitializeAsync() => await _folder.InstallAsync();

    /// <summary>Sends traces of two spans with a log record and a count each, ends, and tells what was acknowledged.</summary>
    /// <param name="protocol">As <c>OTEL_EXPORTER_OTLP_PROTOCOL</c> names it.</param>
    public async Task<NodeReport> SendAsync(string protocol, Uri endpoint, string ingestKey, int traces, string text)
    {
        var run = await _folder.RunAsync("sender.mjs", new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol,
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint.ToString(),
            ["OTEL_EXPORTER_OTLP_HEADERS"] = "authorization=Bearer " + ingestKey,
            ["OTEL_TRACES_EXPORTER"] = "otlp",
            ["OTEL_LOGS_EXPORTER"] = "otlp",
            ["OTEL_METRICS_EXPORTER"] = "otlp",
            ["OTEL_SERVICE_NAME"] = "node-sender",
            ["SENDER_TRACES"] = traces.ToString(CultureInfo.InvariantCulture),
            ["SENDER_TEXT"] = text,
        });
        var report = JsonDocument.Parse(run.Output).RootElement;
        return new NodeReport(
            [.. report.GetProperty("spans").EnumerateArray().Select(s => (s.GetProperty("traceId").GetString()!, s.GetProperty("spanId").GetString()!))],
            report.GetProperty("failed").GetInt32(),
            run.Error);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>What the sender said.</summary>
/// <param name="Acknowledged">Spans whose export was acknowledged: (trace id, span id).</param>
/// <param name="Errors">What the SDK complained of.</param>
public sealed record NodeReport(IReadOnlyList<(string TraceId, string SpanId)> Acknowledged, int Failed, string Errors);
