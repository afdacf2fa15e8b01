using StellaOps.Telemetry.IngestGateway.Log;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.IngestGateway.Tests.TestServices;

namespace StellaOps.Telemetry.IngestGateway.Tests.Log;

/// <summary>What a disk that gives back other bytes costs: the batches it hit, by name, and no other.</summary>
public sealed class LogDamageTests : IDisposable
{
    private readonly PipelineFixture _fixture = new();

    private string Folder => Path.Combine(_fixture.Folder, "log");

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Open_AnyByteOfAMiddleBatchFlipped_LosesThatBatchAlone()
    {
        var entry = await FillAsync(batches: 6, bytes: 40, of: 3);
        var file = Files()[0];
        var whole = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        for (var at = entry.Offset; at < entry.Offset + entry.FrameLength; at++)
        {
            var bytes = (byte[])whole.Clone();
            bytes[at] ^= 0x10;
            await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);
            using var log = _fixture.OpenLog();
            Assert.Equal([1ul, 2, 4, 5, 6], log.EntriesFrom(0).Select(e => e.Sequence));
            Assert.Equal((1L, 7ul), (log.LostBatches, log.NextSequence));
            var buffer = Array.Empty<byte>();
            Assert.False(log.TryRead(3, ref buffer, out _));
            Assert.True(log.TryRead(4, ref buffer, out var next));
            Assert.Equal(Enumerable.Repeat((byte)4, 40), BatchLog.PayloadOf(buffer, next).ToArray());
        }

        Assert.InRange(Directory.GetFiles(Path.Combine(Folder, "damaged")).Length, 1, 4);
    }

    [Fact]
    public async Task Open_SeveralBatchesOverwritten_NamesThemAll()
    {
        var entry = await FillAsync(batches: 8, bytes: 1000, of: 3);
        await OverwriteAsync(Files()[0], entry.Offset + 10, (entry.FrameLength * 3) - 20);
        using var log = _fixture.OpenLog();
        Assert.Equal([1ul, 2, 6, 7, 8], log.EntriesFrom(0).Select(e => e.Sequence));
        Assert.Equal(3, log.LostBatches);
        Assert.Equal(AppendOutcome.Accepted, await log.AppendAsync(PipelineFixture.Batch(10), CancellationToken.None));
        Assert.True(log.TryFind(9, out _));
    }

    [Fact]
    public async Task Open_HeaderOfAFileOverwritten_KeepsItsBatches()
    {
        await FillAsync(batches: 8, bytes: 1000, of: 1);
        await OverwriteAsync(Files()[0], 0, LogFormat.FileHeaderLength);
        using var log = _fixture.OpenLog();
        Assert.Equal(8, log.EntriesFrom(0).Count());
        Assert.Single(Directory.GetFiles(Path.Combine(Folder, "damaged")));
    }

    [Fact]
    public async Task TryRead_PayloadOfAnOlderFileFlippedMeanwhile_IsNotGivenOut()
    {
        using var log = _fixture.OpenLog();
        for (var i = 0; i < 8; i++)
        {
            await log.AppendAsync(PipelineFixture.Batch(400_000, fill: (byte)i), CancellationToken.None);
        }

        Assert.True(log.TryFind(1, out var entry));
        await OverwriteAsync(Files()[0], entry.Offset + entry.FrameLength - 100, 1);
        var buffer = Array.Empty<byte>();
        Assert.False(log.TryRead(1, ref buffer, out _));
        Assert.True(log.TryRead(2, ref buffer, out _));
        Assert.Equal(1, log.LostBatches);
    }

    [Fact]
    public async Task Open_ReusedFilesWithStaleBatchesBehindTheTail_FindsOnlyTheLiving()
    {
        for (var round = 0; round < 10; round++)
        {
            ulong first, next;
            using (var log = _fixture.OpenLog())
            {
                Assert.Equal(0, log.LostBatches);
                for (var i = 0; i < 90 + (round * 7); i++)
                {
                    await log.AppendAsync(PipelineFixture.Batch(100_000 + (i * 977 % 300_000), fill: (byte)i), CancellationToken.None);
                }

                (first, next) = (log.FirstSequence, log.NextSequence);
            }

            using var again = _fixture.OpenLog();
            Assert.Equal((first, next, 0L), (again.FirstSequence, again.NextSequence, again.LostBatches));
        }
    }

    private async Task<BatchEntry> FillAsync(int batches, int bytes, ulong of)
    {
        using var log = _fixture.OpenLog();
        for (var i = 1; i <= batches; i++)
        {
            Assert.Equal(AppendOutcome.Accepted, await log.AppendAsync(PipelineFixture.Batch(bytes, fill: (byte)i), CancellationToken.None));
        }

        Assert.True(log.TryFind(of, out var entry));
        return entry;
    }

    private string[] Files() => [.. Directory.GetFiles(Folder, "*.log").Order(StringComparer.Ordinal)];

    private static async Task OverwriteAsync(string file, int offset, int length)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        stream.Position = offset;
        await stream.WriteAsync(Enumerable.Repeat((byte)0xA5, length).ToArray(), TestContext.Current.CancellationToken);
    }
}
