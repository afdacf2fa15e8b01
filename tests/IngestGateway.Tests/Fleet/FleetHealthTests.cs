using Microsoft.Extensions.Time.Testing;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.IngestGateway.Fleet;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.OpAmp.Model;

namespace StellaOps.Telemetry.IngestGateway.Tests.Fleet;

public sealed class FleetHealthTests
{
    private static readonly ExporterStatus s_good = new("tempo", "otlp", 12, 3.4, null, "closed");
    private static readonly ExporterStatus s_failing = new("loki", "otlp", 500, 71.9, "connection refused", "open");

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddSeconds(10));
    private readonly SaidPipeline _pipeline = new();
    private readonly FleetHealth _health;
    private long _failures;
    private long _refusals;

    public FleetHealthTests() => _health = new FleetHealth(_pipeline, () => _failures, () => _refusals, _time);

    [Fact]
    public void Build_AllWell_IsHealthyWithItsNumbers()
    {
        _pipeline.Exporters = [s_good, new("archive", "archive", 1, 9.6, null)];
        (_failures, _refusals) = (7, 2);
        _time.Advance(TimeSpan.FromSeconds(5));

        var expected = Component(true, "ok", "");
        expected.StatusTimeUnixNano = 15_000_000_000;
        expected.ComponentHealthMap.Add("log", Component(true, "ok", ""));
        expected.ComponentHealthMap.Add("metrics", Component(true, "export_failures=7 refusals=2 queue_oldest_seconds=10", ""));
        expected.ComponentHealthMap.Add("exporter/tempo", Component(true, "closed", ""));
        expected.ComponentHealthMap.Add("exporter/archive", Component(true, "ok", ""));
        Assert.Equal(expected, _health.Build());
    }

    [Fact]
    public void Build_ExporterGaveUp_SaysWhichAndWhy()
    {
        _pipeline.Exporters = [s_good, s_failing];

        var health = _health.Build();

        Assert.Equal((false, "exporter_failing", "exporter 'loki': connection refused"), (health.Healthy, health.Status, health.LastError));
        Assert.True(health.ComponentHealthMap["log"].Healthy);
        Assert.True(health.ComponentHealthMap["exporter/tempo"].Healthy);
        Assert.Equal(Component(false, "open", "connection refused"), health.ComponentHealthMap["exporter/loki"]);
    }

    [Fact]
    public void Build_LogInTrouble_SaysThatBeforeAnythingElse()
    {
        (_pipeline.Exporters, _pipeline.Trouble) = ([s_failing], "the disk is full");

        var health = _health.Build();

        Assert.Equal((false, "refusing", "the disk is full"), (health.Healthy, health.Status, health.LastError));
        Assert.Equal(Component(false, "refusing", "the disk is full"), health.ComponentHealthMap["log"]);
    }

    [Fact]
    public void Build_Again_IsTheSameUntilSomethingChanges()
    {
        _pipeline.Exporters = [s_good];
        var first = _health.Build();
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(first, _health.Build());

        _pipeline.Exporters = [s_failing];
        Assert.Equal(70_000_000_000u, _health.Build().StatusTimeUnixNano);
    }

    [Fact]
    public void IsUrgent_OnlyWhatMattersAtOnce()
    {
        var before = _health.Build();
        _failures++;
        Assert.False(FleetHealth.IsUrgent(before, _health.Build()));

        _pipeline.Trouble = "the disk is full";
        Assert.True(FleetHealth.IsUrgent(before, _health.Build()));
        Assert.True(FleetHealth.IsUrgent(null, before));
    }

    private static ComponentHealth Component(bool isHealthy, string status, string error) => new() { Healthy = isHealthy, StartTimeUnixNano = 10_000_000_000, Status = status, LastError = error };

    /// <summary>Says what the test says.</summary>
    private sealed class SaidPipeline : IPipelineStatus
    {
        public string? Trouble { get; set; }

        public IReadOnlyList<ExporterStatus> Exporters { get; set; } = [];

        public double RecorderSpanSeconds => 0;

        public long LogBytes => 0;

        public long SpillBytes => 0;

        public long LostBatches => 0;

        public ulong NextSequence => 1;

        public long? EarliestAcceptedAtUnixNano => null;

        public long UndecidedRecords => 0;

        public long BufferedTraces => 0;

        public double SamplingPercent => 100;
    }
}
