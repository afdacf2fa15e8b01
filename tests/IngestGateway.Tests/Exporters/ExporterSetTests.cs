using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.IngestGateway.Tests.TestServices;
using StellaOps.Telemetry.Profiles.Gateway;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.IngestGateway.Tests.Exporters;

/// <summary>Exporters that change while records flow.</summary>
public sealed class ExporterSetTests : IDisposable
{
    private readonly PipelineFixture _fixture = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public void Dispose()
    {
        _services.Dispose();
        _fixture.Dispose();
    }

    [Fact]
    public async Task Apply_OtherSettingsUnderLoad_LosesNothing()
    {
        await using var first = await OtlpSink.StartAsync(grpc: true);
        await using var second = await OtlpSink.StartAsync(grpc: false);
        var settings = ExporterBench.SettingsFor(first, grpc: true);
        OtlpExporterSettings[] variants =
        [
            settings,
            settings with { Headers = new TextMap(new Dictionary<string, string> { ["x-site"] = "north" }) },
            settings with { Endpoint = second.Url, Protocol = OtlpProtocol.HttpProtobuf },
            settings with { Endpoint = second.Url, Protocol = OtlpProtocol.HttpProtobuf, Consumers = 1, MaxRequestBytes = 64 << 10 },
        ];
        _fixture.Settings = _fixture.Settings with { Exporters = [settings] };
        using var pipeline = new GatewayPipeline(
            _fixture.Settings, _fixture.Options, new FolderObjectStore(Path.Combine(_fixture.Folder, "archive")), new FakeIncidents(), TimeProvider.System,
            new GatewayPipelineInstruments(_services.GetRequiredService<IMeterFactory>()), NullLoggerFactory.Instance);
        await pipeline.StartAsync(TestContext.Current.CancellationToken);
        const int Batches = 600;
        var (inForce, before) = (settings, 0);
        for (var i = 0; i < Batches; i++)
        {
            var (tenant, signal, payload, records) = ExporterBench.LogBatch($"{i}-" + new string('x', 2000));
            Assert.Equal(AppendOutcome.Accepted, await pipeline.Log.AppendAsync(new IngestBatch(tenant, signal, payload, records, null, PipelineFixture.Profile), CancellationToken.None));
            if (i % 40 == 39)
            {
                // Each sends something, and has more to send when the next one comes.
                await Eventually.HoldsAsync(() => SentBy(inForce) > before, TimeSpan.FromSeconds(20), "the settings in force are gone by");
                inForce = variants[i / 40 % variants.Length];
                before = SentBy(inForce);
                pipeline.Apply(_fixture.Settings with { Exporters = [inForce] });
                await Task.Delay(15, TestContext.Current.CancellationToken);
            }
        }

        await Eventually.HoldsAsync(
            () => pipeline.UndecidedRecords == 0 && pipeline.Exporters[0].PendingRecords == 0, TimeSpan.FromSeconds(20), "all is exported");
        await pipeline.StopAsync(TestContext.Current.CancellationToken);

        var got = first.Accepted.Concat(second.Accepted).SelectMany(r => System.Text.RegularExpressions.Regex.Matches(System.Text.Encoding.Latin1.GetString(r.Body), "([0-9]+)-x").Select(m => m.Groups[1].Value)).ToList();
        Assert.Equal(Batches, got.Distinct().Count());
        Assert.NotEmpty(first.Accepted);
        Assert.NotEmpty(second.Accepted);
        Assert.Contains(first.Accepted, r => r.Headers.ContainsKey("x-site"));
        Assert.True(got.Count < Batches * 2, $"{got.Count} arrived: an exporter that ends lets what is on its way arrive");

        int SentBy(OtlpExporterSettings by) =>
            (by.Endpoint == second.Url ? second : first).Accepted.Count(r => r.Headers.ContainsKey("x-site") == by.Headers.ContainsKey("x-site"));
    }

    [Fact]
    public void Settings_ThatSayTheSame_AreTheSame()
    {
        static OtlpExporterSettings New(string site) => new(
            "store", new Uri("http://127.0.0.1:1"), OtlpProtocol.Grpc, new TextMap(new Dictionary<string, string> { ["x-site"] = site }), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        Assert.Equal(New("north"), New("north"));
        Assert.NotEqual(New("north"), New("south"));
    }
}
