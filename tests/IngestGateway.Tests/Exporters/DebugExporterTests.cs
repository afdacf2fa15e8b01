using Microsoft.Extensions.Logging;
using StellaOps.Telemetry.IngestGateway.Exporters;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.IngestGateway.Tests.TestServices;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Tests.Exporters;

public sealed class DebugExporterTests
{
    [Theory]
    [InlineData(false, "exporter debug: 3 batches with 3 spans, 0 data points, 1 log records")]
    [InlineData(true, "exporter debug: 3 batches with 3 spans, 0 data points, 1 log records: span 'GET  /x' of checkout, trace 000000000000abcd0000000000000001, status 2; span 'span' of checkout, trace 000000000000abcd0000000000000002, status 0")]
    public async Task Pump_KeptRecords_SaysHowManyAndNamesFewWithoutTheirContent(bool detailed, string expected)
    {
        await using var sink = await OtlpSink.StartAsync(grpc: true);
        using var bench = new ExporterBench(ExporterBench.SettingsFor(sink, grpc: true));
        var spans = SpanRequest.Of("checkout", new TestSpan(1, 2, Name: "GET \n/x"), new TestSpan(2));
        await bench.KeepAsync((PipelineFixture.Acme, Contracts.Signal.Traces, spans, 2), ExporterBench.LogBatch("secret words"));
        await bench.KeepAsync((PipelineFixture.Acme, Contracts.Signal.Traces, SpanRequest.Of("checkout", new TestSpan(3)), 1));
        var lines = new Lines();
        var cursor = new ExporterCursor(Path.Combine(bench.Fixture.Folder, "debug"), "debug", bench.Journal);
        cursor = Rewound(bench, cursor);
        var exporter = new DebugExporter(new DebugExporterSettings("debug", detailed, 2), cursor, bench.Journal, bench.Reader, bench.Fixture.Time, lines);

        await exporter.PumpAsync(TestContext.Current.CancellationToken);

        var (id, text) = Assert.Single(lines.Written);
        Assert.Equal((PipelineEventIds.Debugged, expected), (id, text));
        Assert.Equal((2ul, 4L), (cursor.Done, cursor.Exported));
        await exporter.PumpAsync(TestContext.Current.CancellationToken);
        Assert.Single(lines.Written);
    }

    /// <summary>A new exporter begins with what is decided from now on; this one shall begin before.</summary>
    private static ExporterCursor Rewound(ExporterBench bench, ExporterCursor cursor)
    {
        var folder = Path.Combine(bench.Fixture.Folder, "debug");
        File.WriteAllText(Path.Combine(folder, "cursors", "debug.json"), $$"""{"frame":{{cursor.Done - 2}},"exported":0,"deadLettered":0}""");
        return new ExporterCursor(folder, "debug", bench.Journal);
    }

    private sealed class Lines : ILogger<DebugExporter>
    {
        public List<(int Id, string Text)> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Written.Add((eventId.Id, formatter(state, exception)));
    }
}
