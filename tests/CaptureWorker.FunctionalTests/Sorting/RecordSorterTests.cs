using System.Buffers.Binary;
using StellaOps.Telemetry.CaptureWorker.Sorting;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Otlp;

namespace StellaOps.Telemetry.CaptureWorker.FunctionalTests.Sorting;

public sealed class RecordSorterTests : IDisposable
{
    private static readonly HashSet<int> s_none = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("stella-sort-").FullName;

    [Theory]
    [InlineData(1, 64 * 1024, 100, false)]
    [InlineData(2, 4 * 1024, 3_000, true)]
    [InlineData(3, 1024, 6_000, true)]
    public async Task Sorted_AnyOrder_GivesTheTotalOrderOnceEach(int seed, int blockBytes, int count, bool spills)
    {
        var random = new Random(seed);
        var records = Enumerable.Range(0, count).Select(i => (Key: new FrameKey((ulong)random.Next(50), (UInt128)random.Next(3), (ulong)random.Next(2)), Frame: FrameOf(i, random))).ToList();
        var expected = records.OrderBy(r => r.Key).ThenBy(r => r.Frame, Comparer<byte[]>.Create((x, y) => x.AsSpan().SequenceCompareTo(y))).Select(r => r.Frame).ToList();
        using var sorter = new RecordSorter(new SortMemory(blockBytes), _folder);
        foreach (var (key, frame) in records.OrderBy(_ => random.Next()))
        {
            sorter.Add(key, default, 0, frame, CancellationToken.None);
        }

        await sorter.SealAsync();
        var frames = new DuplicateFilter(Signal.Logs, s_none).Frames(sorter.Sorted()).Select(f => f.ToArray()).ToList();

        Assert.Equal(spills, sorter.RunsSpilled > 0);
        Assert.Equal(seed == 3, sorter.RunsSpilled > RecordSorter.FanIn);
        Assert.Equal(expected, frames);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public async Task Add_FrameLongerThanTheMemory_ComesOutWhole()
    {
        var giant = new byte[300_000];
        Random.Shared.NextBytes(giant);
        using var sorter = new RecordSorter(new SortMemory(64 * 1024), _folder);
        sorter.Add(new FrameKey(2, 0, 0), default, 0, [2], CancellationToken.None);
        sorter.Add(new FrameKey(1, 0, 0), default, 0, giant, CancellationToken.None);
        sorter.Add(new FrameKey(0, 0, 0), default, 0, [0], CancellationToken.None);
        await sorter.SealAsync();

        Assert.Equal([[0], giant, [2]], sorter.Sorted().Select(e => e[SortEntry.FrameStart..].ToArray()));
    }

    [Fact]
    public async Task Sorters_OneMemory_OneAfterTheOther()
    {
        var memory = new SortMemory(2048);
        using var first = new RecordSorter(memory, _folder);
        using var second = new RecordSorter(memory, _folder);
        foreach (var sorter in (RecordSorter[])[first, second])
        {
            for (var i = 0; i < 100; i++)
            {
                sorter.Add(new FrameKey((ulong)(100 - i), 0, 0), default, 0, FrameOf(i, new Random(i)), CancellationToken.None);
            }

            await sorter.SealAsync();
        }

        Assert.Equal(100, first.Sorted().Count());
        Assert.Equal(100, second.Sorted().Count());
    }

    [Fact]
    public async Task Filter_CopiesRepetitionsAndGenuineLines_AreToldApart()
    {
        const long Minute = 60_000_000_000;
        using var sorter = new RecordSorter(new SortMemory(64 * 1024), _folder);

        // The same line: first in a batch, its copy, sent again by the sender 9 and 11 minutes later, and in another batch.
        foreach (var (hash, index, at, gateway, sequence) in ((UInt128, int, long, int, ulong)[])[(7, 0, 0, 0, 1), (7, 0, 0, 0, 1), (7, 0, 9 * Minute, 1, 5), (7, 0, 11 * Minute, 0, 9), (7, 1, 0, 0, 1), (8, 0, Minute, 0, 2)])
        {
            sorter.Add(default, new RecordOrigin(hash, index, at, gateway, sequence), 0, [1, 2, 3], CancellationToken.None);
        }

        await sorter.SealAsync();
        var filter = new DuplicateFilter(Signal.Logs, s_none);

        Assert.Equal(4, filter.Frames(sorter.Sorted()).Count());
        Assert.Equal((4, 1, 1), (filter.Kept, filter.Copies, filter.Retransmitted));
    }

    [Fact]
    public async Task Filter_VoidedChunk_LetsNothingOfItThroughAndItsRepetitionInstead()
    {
        using var sorter = new RecordSorter(new SortMemory(64 * 1024), _folder);
        sorter.Add(default, new RecordOrigin(7, 0, 1, 0, 1), 1, [1], CancellationToken.None);
        sorter.Add(default, new RecordOrigin(7, 0, 2, 0, 2), 2, [1], CancellationToken.None);
        sorter.Add(default, new RecordOrigin(7, 1, 1, 0, 1), 1, [2], CancellationToken.None);
        await sorter.SealAsync();
        var filter = new DuplicateFilter(Signal.Logs, new HashSet<int> { 1 });

        Assert.Equal([[1]], filter.Frames(sorter.Sorted()).Select(f => f.ToArray()));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static byte[] FrameOf(int number, Random random)
    {
        var frame = new byte[4 + random.Next(60)];
        BinaryPrimitives.WriteInt32BigEndian(frame, number);
        return frame;
    }
}
