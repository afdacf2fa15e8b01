using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.IngestGateway.Exporters;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.IngestGateway.Tests.TestServices;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Tests.Log;

/// <summary>A real file system without room: refuse, say so, go on when there is room, lose nothing.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly SmallDisk _disk = new(megabytes: 26);
    private readonly PipelineFixture _fixture;
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public FullDiskTests() => _fixture = new PipelineFixture { Folder = Path.Combine(_disk.Folder, "data") };

    public void Dispose()
    {
        _services.Dispose();
        _fixture.Dispose();
        _disk.Dispose();
    }

    [Fact]
    public async Task AppendAsync_NoRoomForTheNextFile_RefusesUntilThereIs()
    {
        Directory.CreateDirectory(_fixture.Folder);
        using var log = _fixture.OpenLog();
        Assert.Equal(AppendOutcome.Accepted, await log.AppendAsync(PipelineFixture.Batch(400_000), CancellationToken.None));
        _disk.Fill();
        var outcomes = new List<AppendOutcome>();
        for (var i = 0; i < 20; i++)
        {
            outcomes.Add(await log.AppendAsync(PipelineFixture.Batch(400_000), CancellationToken.None));
        }

        // What is allocated already is written, and not a byte more.
        Assert.Contains(AppendOutcome.Accepted, outcomes);
        Assert.Equal(AppendOutcome.DiskFailed, outcomes[^1]);
        Assert.Contains("No space left", log.Trouble!, StringComparison.Ordinal);
        _disk.MakeRoom();
        Assert.Equal(AppendOutcome.Accepted, await log.AppendAsync(PipelineFixture.Batch(400_000), CancellationToken.None));
        Assert.Null(log.Trouble);

        var accepted = outcomes.Count(o => o == AppendOutcome.Accepted) + 2;
        Assert.Equal(accepted, log.EntriesFrom(0).Count());
        log.Dispose();
        using var again = _fixture.OpenLog();
        Assert.Equal((accepted, 0L), (again.EntriesFrom(0).Count(), again.LostBatches));
    }

    [Fact]
    public async Task Pipeline_DiskFullAndEmptyAgainAndAgain_LosesNothing()
    {
        _fixture.Settings = _fixture.Settings with
        {
            Recorder = new RecorderSettings(TimeSpan.FromMinutes(15), 8 << 20, 1 << 20, 1.0),
            Sampling = _fixture.Settings.Sampling with { Policies = [new AlwaysSamplePolicy("all")] },
            Exporters = [new ArchiveExporterSettings("archive", 1 << 20, TimeSpan.FromSeconds(1))],
        };
        var store = Directory.CreateTempSubdirectory("stella-archive-");
        try
        {
            var accepted = 0L;
            var exported = 0L;
            for (var life = 0; life < 3; life++)
            {
                using var pipeline = Open(store.FullName);
                for (var i = 0; i < 120; i++)
                {
                    if (i % 40 == 10)
                    {
                        _disk.Fill();
                    }
                    else if (i % 40 == 30)
                    {
                        _disk.MakeRoom();
                    }

                    var spans = Enumerable.Range(0, 10).Select(s => new TestSpan((ulong)((i * 10) + s), Name: new string('n', 5000))).ToArray();
                    var batch = new IngestBatch(PipelineFixture.Acme, Signal.Traces, SpanRequest.Of("checkout", spans), spans.Length, null, PipelineFixture.Profile);
                    accepted += await pipeline.Log.AppendAsync(batch, CancellationToken.None) == AppendOutcome.Accepted ? spans.Length : 0;
                    await StepAsync(pipeline);
                }

                _disk.MakeRoom();
                for (var i = 0; i < 4; i++)
                {
                    await StepAsync(pipeline);
                }

                await pipeline.ExporterList[0].FlushAsync(CancellationToken.None);
                exported = pipeline.ExporterList[0].Cursor.Exported;
                Assert.Equal(0, pipeline.Exporters[0].PendingRecords);
                Assert.Null(pipeline.Trouble);
                var rows = pipeline.Ledger.Query(null, 0, long.MaxValue);
                Assert.Equal((accepted, accepted, 0L), (rows.Sum(r => r.Accepted), rows.Sum(r => r.Kept), rows.Sum(r => r.Undecided)));
            }

            Assert.True(accepted > 1000, $"{accepted} accepted");
            Assert.Equal(accepted, exported);
        }
        finally
        {
            store.Delete(recursive: true);
        }
    }

    [Fact]
    public void DeadLetters_NoRoom_ThrowAndKeepWhatTheyHave()
    {
        Directory.CreateDirectory(_fixture.Folder);
        var letters = new DeadLetters(_fixture.Folder, "store");
        letters.Write(1, 1, PipelineFixture.Acme, Signal.Logs, 1, "old", _fixture.Time.GetUtcNow(), new byte[1000]);
        _disk.Fill();
        Assert.ThrowsAny<IOException>(() => letters.Write(2, 2, PipelineFixture.Acme, Signal.Logs, 1, "old", _fixture.Time.GetUtcNow(), new byte[100_000]));
        _disk.MakeRoom();
        letters.Write(2, 2, PipelineFixture.Acme, Signal.Logs, 1, "old", _fixture.Time.GetUtcNow(), new byte[100_000]);
        Assert.Equal(2, Directory.GetFiles(Path.Combine(_fixture.Folder, "deadletter", "store"), "*.json").Length);
    }

    /// <summary>What the pipeline's loops do, and what they bear.</summary>
    private async Task StepAsync(GatewayPipeline pipeline)
    {
        _fixture.Time.Advance(TimeSpan.FromSeconds(3));
        foreach (var work in new Func<Task>[]
        {
            () => { pipeline.PumpSampler(); return Task.CompletedTask; },
            () => { pipeline.Spill.Pump(); return Task.CompletedTask; },
            () => pipeline.ExporterList[0].PumpAsync(CancellationToken.None),
        })
        {
            try
            {
                await work();
            }
            catch (IOException)
            {
                // Tried again at the next step.
            }
        }
    }

    private GatewayPipeline Open(string archive) => new(
        _fixture.Settings, _fixture.Options, new FolderObjectStore(archive), new FakeIncidents(), _fixture.Time,
        new GatewayPipelineInstruments(_services.GetRequiredService<IMeterFactory>()), NullLoggerFactory.Instance);
}
