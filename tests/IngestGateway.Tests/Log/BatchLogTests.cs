using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.IngestGateway.Log;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.IngestGateway.Tests.TestServices;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Tests.Log;

public sealed class BatchLogTests : IDisposable
{
    private readonly PipelineFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task AppendAsync_ThenReopen_GivesBackEnvelopesAndBytes()
    {
        using (var log = _fixture.OpenLog())
        {
            Assert.Equal(AppendOutcome.Accepted, await log.AppendAsync(PipelineFixture.Batch(100, fill: 1) with { ReplayMark = "r/1" }, CancellationToken.None));
            _fixture.Time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(AppendOutcome.Accepted, await log.AppendAsync(PipelineFixture.Batch(200, PipelineFixture.Globex, 2), CancellationToken.None));
        }

        using var again = _fixture.OpenLog();
        Assert.Equal(3ul, again.NextSequence);
        var buffer = Array.Empty<byte>();
        Assert.True(again.TryRead(1, ref buffer, out var first));
        Assert.True(Envelope.TryRead(BatchLog.EnvelopeOf(buffer, first).Span, out var envelope));
        Assert.Equal(("gw-1", 1ul, "r/1", PipelineFixture.Acme), (envelope.GatewayId, envelope.Sequence, envelope.ReplayMark, envelope.Tenant));
        Assert.Equal(UnixNano.Of(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero)), envelope.AcceptedAtUnixNano);
        Assert.True(again.TryRead(2, ref buffer, out var second));
        Assert.Equal(Enumerable.Repeat((byte)2, 200), BatchLog.PayloadOf(buffer, second).ToArray());
        Assert.Equal(envelope.AcceptedAtUnixNano + UnixNano.PerSecond, second.AcceptedAtUnixNano);
        Assert.False(again.TryRead(3, ref buffer, out _));
    }

    [Fact]
    public async Task Open_LastFrameTornAtAnyByte_CutsItAndGoesOn()
    {
        long from, to;
        string file;
        using (var log = _fixture.OpenLog())
        {
            await log.AppendAsync(PipelineFixture.Batch(50), CancellationToken.None);
            await log.AppendAsync(PipelineFixture.Batch(60), CancellationToken.None);
            Assert.True(log.TryFind(2, out var last));
            (from, to) = (last.Offset, last.Offset + last.FrameLength);
            file = Directory.GetFiles(Path.Combine(_fixture.Folder, "log")).Order(StringComparer.Ordinal).First();
        }

        var whole = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        for (var torn = from; torn < to; torn++)
        {
            var bytes = (byte[])whole.Clone();
            Array.Clear(bytes, (int)torn, (int)(to - torn));
            foreach (var old in Directory.GetFiles(Path.Combine(_fixture.Folder, "log")))
            {
                File.Delete(old);
            }

            await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);
            using (var log = _fixture.OpenLog())
            {
                Assert.Equal(2ul, log.NextSequence);
                await log.AppendAsync(PipelineFixture.Batch(70, fill: 9), CancellationToken.None);
            }

            using var again = _fixture.OpenLog();
            var buffer = Array.Empty<byte>();
            Assert.Equal(3ul, again.NextSequence);
            Assert.True(again.TryRead(1, ref buffer, out _));
            Assert.True(again.TryRead(2, ref buffer, out var entry));
            Assert.Equal(Enumerable.Repeat((byte)9, 70), BatchLog.PayloadOf(buffer, entry).ToArray());
        }
    }

    [Fact]
    public async Task AppendAsync_NobodyNeedsTheOldest_ReusesFilesWithinMaxBytes()
    {
        using var log = _fixture.OpenLog();
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(AppendOutcome.Accepted, await log.AppendAsync(PipelineFixture.Batch(400_000), CancellationToken.None));
        }

        Assert.InRange(log.FileBytes, 1, 16 << 20);
        Assert.InRange(log.FirstSequence, 60ul, 80ul);
        Assert.Equal(16, Directory.GetFiles(Path.Combine(_fixture.Folder, "log")).Length);
    }

    [Fact]
    public async Task Open_AfterReuse_KeepsOrderAndContinues()
    {
        ulong first;
        using (var log = _fixture.OpenLog())
        {
            for (var i = 0; i < 100; i++)
            {
                await log.AppendAsync(PipelineFixture.Batch(400_000, fill: (byte)i), CancellationToken.None);
            }

            first = log.FirstSequence;
        }

        using var again = _fixture.OpenLog();
        Assert.Equal((first, 101ul), (again.FirstSequence, again.NextSequence));
        Assert.Equal(Enumerable.Range((int)first, 101 - (int)first).Select(i => (ulong)i), again.EntriesFrom(0).Select(e => e.Sequence));
    }

    [Fact]
    public async Task AppendAsync_HolderNeedsTheOldest_IsFullUntilReleased()
    {
        using var log = _fixture.OpenLog();
        var holder = new Holder { NeededFrom = 1 };
        log.AddHolder(holder);
        var accepted = 0;
        while (await log.AppendAsync(PipelineFixture.Batch(400_000), CancellationToken.None) == AppendOutcome.Accepted)
        {
            Assert.True(++accepted < 100, "the log grew above its size");
        }

        Assert.Equal(AppendOutcome.LogFull, await log.AppendAsync(PipelineFixture.Batch(400_000), CancellationToken.None));
        Assert.Equal(1ul, log.FirstSequence);
        holder.NeededFrom = 5;
        Assert.Equal(AppendOutcome.Accepted, await log.AppendAsync(PipelineFixture.Batch(400_000), CancellationToken.None));
        Assert.InRange(log.FirstSequence, 2ul, 5ul);
    }

    [Fact]
    public async Task AppendAsync_TenantAboveShare_RefusesItAndNobodyElse()
    {
        _fixture.Settings = _fixture.Settings with { Recorder = _fixture.Settings.Recorder with { TenantShare = 0.5 } };
        using var log = _fixture.OpenLog();
        await log.AppendAsync(PipelineFixture.Batch(1000, PipelineFixture.Globex), CancellationToken.None);
        var outcomes = new List<AppendOutcome>();
        for (var i = 0; i < 60; i++)
        {
            outcomes.Add(await log.AppendAsync(PipelineFixture.Batch(400_000), CancellationToken.None));
        }

        Assert.Equal(AppendOutcome.TenantShareExceeded, outcomes[^1]);
        Assert.Equal(1ul, log.FirstSequence);
        Assert.Equal(AppendOutcome.Accepted, await log.AppendAsync(PipelineFixture.Batch(400_000, PipelineFixture.Globex), CancellationToken.None));
        _fixture.Time.Advance(TimeSpan.FromMinutes(16));
        Assert.Equal(AppendOutcome.Accepted, await log.AppendAsync(PipelineFixture.Batch(400_000), CancellationToken.None));
    }

    [Fact]
    public async Task AppendAsync_Fsync_OneSyncAnswersMany()
    {
        _fixture.Settings = _fixture.Settings with { Durability = Durability.Fsync };
        using var log = _fixture.OpenLog();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 400).Select(_ => Task.Run(() => log.AppendAsync(PipelineFixture.Batch(1000), CancellationToken.None).AsTask())));
        Assert.All(outcomes, o => Assert.Equal(AppendOutcome.Accepted, o));
        Assert.Equal(400ul, log.VisibleSequence);
        Assert.InRange(log.Syncs, 1, 399);
        await log.StopAsync();
        Assert.Equal(AppendOutcome.Stopping, await log.AppendAsync(PipelineFixture.Batch(10), CancellationToken.None));
    }

    [Fact]
    public async Task AppendAsync_ClockStepsBack_AcceptedAtDoesNot()
    {
        using var log = _fixture.OpenLog();
        var settled = UnixNano.Of(_fixture.Time.GetUtcNow());
        await log.SettleAsync(settled, CancellationToken.None);
        await log.AppendAsync(PipelineFixture.Batch(10), CancellationToken.None);
        Assert.True(log.TryFind(1, out var entry));
        Assert.True(entry.AcceptedAtUnixNano >= settled);
    }

    [Fact]
    public async Task Open_JournalKnowsMore_NeverGivesASequenceTwice()
    {
        using (var log = _fixture.OpenLog())
        {
            await log.AppendAsync(PipelineFixture.Batch(10), CancellationToken.None);
        }

        using (var log = _fixture.OpenLog(nextAtLeast: 40))
        {
            await log.AppendAsync(PipelineFixture.Batch(10), CancellationToken.None);
        }

        using var again = _fixture.OpenLog();
        Assert.Equal([1ul, 40ul], again.EntriesFrom(0).Select(e => e.Sequence));
    }

    private sealed class Holder : IRetentionHolder
    {
        public ulong NeededFrom { get; set; }
    }
}
