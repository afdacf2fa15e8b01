using Microsoft.Extensions.Logging.Abstractions;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Replays;
using StellaOps.Telemetry.IngestGateway.Log;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.IngestGateway.Replays;
using StellaOps.Telemetry.IngestGateway.Tests.TestServices;

namespace StellaOps.Telemetry.IngestGateway.Tests.Replays;

public sealed class ReplayRegisterTests : IDisposable
{
    private readonly PipelineFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task AppendAsync_TheSameBatchAgain_IsAcknowledgedAndLoggedOnce()
    {
        using var log = _fixture.OpenLog();
        var register = Open(log);

        Assert.Equal(AppendOutcome.Accepted, await register.AppendAsync(Batch("r/0"), default));
        Assert.Equal(AppendOutcome.Accepted, await register.AppendAsync(Batch("r/1", records: 3), default));
        Assert.Equal(AppendOutcome.AcceptedBefore, await register.AppendAsync(Batch("r/0"), default));
        Assert.Equal(AppendOutcome.Accepted, await register.AppendAsync(Batch("other/0"), default));

        Assert.Equal(3, log.EntriesFrom(1).Count());
        var replay = register.Find(PipelineFixture.Acme, "r")!;
        Assert.Equal((2, 1), (replay.Batches, replay.Repeated));
        Assert.Equal([new ReplaySignalResponse(Signal.Logs, 2, 4)], replay.Signals);
        Assert.Null(register.Find(PipelineFixture.Globex, "r"));
        Assert.Null(register.Find(PipelineFixture.Acme, "unknown"));
    }

    [Fact]
    public async Task AppendAsync_AnotherBatchOfTheSameOrdinal_IsAConflict()
    {
        using var log = _fixture.OpenLog();
        var register = Open(log);
        await register.AppendAsync(Batch("r/0"), default);

        Assert.Equal(AppendOutcome.ReplayConflict, await register.AppendAsync(Batch("r/0", records: 2), default));
        Assert.Equal(AppendOutcome.ReplayConflict, await register.AppendAsync(Batch("r/0") with { Signal = Signal.Traces }, default));
        Assert.Single(log.EntriesFrom(1));
    }

    [Fact]
    public async Task AppendAsync_WithoutAMark_IsLoggedEachTime()
    {
        using var log = _fixture.OpenLog();
        var register = Open(log);

        Assert.Equal(AppendOutcome.Accepted, await register.AppendAsync(PipelineFixture.Batch(10), default));
        Assert.Equal(AppendOutcome.Accepted, await register.AppendAsync(PipelineFixture.Batch(10), default));
        Assert.Equal(2, log.EntriesFrom(1).Count());
    }

    [Fact]
    public async Task AppendAsync_NotTaken_IsNotRemembered()
    {
        using var log = _fixture.OpenLog();
        var register = Open(log);
        await log.StopAsync();

        Assert.Equal(AppendOutcome.Stopping, await register.AppendAsync(Batch("r/0"), default));
        Assert.Null(register.Find(PipelineFixture.Acme, "r"));
    }

    /// <summary>Cut after any number of batches with a checkpoint after any other: nothing is forgotten and nothing is counted twice.</summary>
    [Fact]
    public async Task Open_AfterACrash_KnowsWhatTheCheckpointAndTheLogHold()
    {
        for (var checkpointAfter = 0; checkpointAfter <= 4; checkpointAfter++)
        {
            using var fixture = new PipelineFixture();
            using (var log = fixture.OpenLog())
            {
                var register = Open(log, fixture);
                for (var i = 0; i < 4; i++)
                {
                    await register.AppendAsync(Batch($"r/{i}", records: i + 1), default);
                    await register.AppendAsync(PipelineFixture.Batch(10), default);
                    if (i + 1 == checkpointAfter)
                    {
                        register.Checkpoint();
                    }
                }
            }

            using var again = fixture.OpenLog();
            var reopened = Open(again, fixture);
            Assert.Equal([new ReplaySignalResponse(Signal.Logs, 4, 10)], reopened.Find(PipelineFixture.Acme, "r")!.Signals);
            Assert.Equal(AppendOutcome.AcceptedBefore, await reopened.AppendAsync(Batch("r/3", records: 4), default));
        }
    }

    [Fact]
    public async Task Open_LogIsGone_KnowsWhatWasInTheCheckpoint()
    {
        using (var log = _fixture.OpenLog())
        {
            var register = Open(log);
            await register.AppendAsync(Batch("r/0"), default);
            await register.AppendAsync(Batch("r/7"), default);
            Assert.Equal(1ul, register.NeededFrom);
            register.Checkpoint();
            Assert.Equal(3ul, register.NeededFrom);
        }

        Directory.Delete(Path.Combine(_fixture.Folder, "log"), recursive: true);
        using var empty = _fixture.OpenLog(3);
        var reopened = Open(empty);
        Assert.Equal(2, reopened.Find(PipelineFixture.Acme, "r")!.Batches);
        Assert.Equal(AppendOutcome.Accepted, await reopened.AppendAsync(Batch("r/3"), default));
    }

    [Fact]
    public async Task Checkpoint_ThatCannotBeWritten_LetsNothingGoAndIsMadeUpFor()
    {
        using var log = _fixture.OpenLog();
        var register = Open(log);
        await register.AppendAsync(Batch("r/0"), default);
        var path = Path.Combine(_fixture.Folder, "replays.json");
        Directory.CreateDirectory(path);

        Assert.ThrowsAny<Exception>(register.Checkpoint);
        Assert.Equal(1ul, register.NeededFrom);

        Directory.Delete(path);
        register.Checkpoint();
        Assert.Equal(2ul, register.NeededFrom);
        Assert.Contains("\"replayId\":\"r\"", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_CheckpointIsDamaged_KnowsWhatTheLogHolds()
    {
        using (var log = _fixture.OpenLog())
        {
            var register = Open(log);
            await register.AppendAsync(Batch("r/0"), default);
            register.Checkpoint();
        }

        await File.WriteAllTextAsync(Path.Combine(_fixture.Folder, "replays.json"), "{", TestContext.Current.CancellationToken);
        using var again = _fixture.OpenLog();
        Assert.Equal(1, Open(again).Find(PipelineFixture.Acme, "r")!.Batches);
    }

    private ReplayRegister Open(BatchLog log, PipelineFixture? fixture = null) =>
        new((fixture ?? _fixture).Options, log, _fixture.Time, NullLogger<ReplayRegister>.Instance);

    private static IngestBatch Batch(string mark, int records = 1) => PipelineFixture.Batch(20) with { ReplayMark = mark, RecordCount = records };
}
