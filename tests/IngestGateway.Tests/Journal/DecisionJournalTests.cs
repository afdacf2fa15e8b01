using Microsoft.Extensions.Logging.Abstractions;
using StellaOps.Telemetry.IngestGateway.Journal;
using StellaOps.Telemetry.IngestGateway.Tests.TestServices;

namespace StellaOps.Telemetry.IngestGateway.Tests.Journal;

public sealed class DecisionJournalTests : IDisposable
{
    private const int SmallFile = 2_000;

    private readonly PipelineFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Read_ByTwoReaders_GivesTheSameFrame()
    {
        using var journal = Open();
        Append(journal, 200);
        Assert.Same(journal.Read(200), journal.Read(200));

        // Long out of memory: decoded once.
        Assert.Same(journal.Read(3), journal.Read(3));
        Assert.Equal(3ul, journal.Read(3)!.Number);
        Assert.Null(journal.Read(201));
        Assert.Null(journal.Read(0));
    }

    [Fact]
    public void Open_AfterATornFrame_HasThoseBeforeItAndGoesOn()
    {
        using (var journal = Open())
        {
            Append(journal, 5);
        }

        var path = Assert.Single(Directory.GetFiles(Path.Combine(_fixture.Folder, "journal")));
        using (var file = File.Open(path, FileMode.Open))
        {
            // The file is preallocated: what ends it is zeros, and so may a frame.
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            file.SetLength(Array.FindLastIndex(bytes, b => b != 0) - 3);
        }

        using var again = Open();
        Assert.Equal(4ul, again.LastFrame);
        Append(again, 1);
        Assert.Equal(5ul, again.Read(5)!.Number);
        Assert.Equal([4ul, 5ul], again.FramesFrom(again.Read(4)!.MaxSequence));
    }

    [Fact]
    public void Open_FramesOfAnotherVersion_AreNotTaken()
    {
        using (var journal = Open())
        {
            Append(journal, 1);
        }

        var path = Assert.Single(Directory.GetFiles(Path.Combine(_fixture.Folder, "journal")));
        var bytes = File.ReadAllBytes(path);
        bytes[11] ^= 0xF0;
        File.WriteAllBytes(path, bytes);
        using var again = Open();
        Assert.Equal(0ul, again.LastFrame);
    }

    [Fact]
    public void Read_ManyFilesInAnyOrder_IsWhatWasWritten()
    {
        const int Frames = 2_000;
        using (var journal = Open(SmallFile))
        {
            Append(journal, Frames);
            Assert.InRange(Directory.GetFiles(Path.Combine(_fixture.Folder, "journal")).Length, 20, Frames);
            CheckAll(journal, 1, Frames);
        }

        using var again = Open(SmallFile);
        CheckAll(again, 1, Frames);
        Append(again, 10);
        CheckAll(again, 1, Frames + 10);
    }

    [Fact]
    public void FramesOf_FilesApart_GivesThoseThatDecideAndNoLaterOnes()
    {
        using var journal = Open(SmallFile);
        Append(journal, 2_000);

        // Frame n decides sequence 10 n and says that all below n is decided.
        Assert.Equal(Enumerable.Range(1000, 501).Select(n => (ulong)n), journal.FramesOf(0, 10_000, 1_499));
        Assert.Equal(Enumerable.Range(1201, 300).Select(n => (ulong)n), journal.FramesOf(1_200, 10_000, 1_499));
        Assert.Empty(journal.FramesOf(2_000, 1, 5));
        Assert.Equal(Enumerable.Range(1_990, 11).Select(n => (ulong)n), journal.FramesFrom(19_900));
    }

    [Fact]
    public void Trim_DoneFiles_AreGoneAndOthersStay()
    {
        using var journal = Open(SmallFile);
        Append(journal, 2_000);
        var before = Directory.GetFiles(Path.Combine(_fixture.Folder, "journal")).Length;
        Assert.Equal(1ul, journal.FirstFrame);
        journal.Trim(doneByAll: 1_000, firstSequence: 8_000);
        Assert.InRange(journal.FirstFrame, 700ul, 800ul);
        Assert.InRange(Directory.GetFiles(Path.Combine(_fixture.Folder, "journal")).Length, before / 2, before - 10);
        Assert.Null(journal.Read(journal.FirstFrame - 1));
        CheckAll(journal, (int)journal.FirstFrame, 2_000);
    }

    private static void CheckAll(DecisionJournal journal, int first, int last)
    {
        var numbers = Enumerable.Range(first, last - first + 1).ToArray();
        new Random(11).Shuffle(numbers);
        foreach (var number in numbers)
        {
            var frame = journal.Read((ulong)number)!;
            Assert.Equal((ulong)number, frame.Number);
            Assert.Equal((ulong)number * 10, Assert.Single(frame.Batches).Sequence);
            Assert.Equal((ulong)number, journal.LowAfter((ulong)number));
            Assert.Equal((journal.KeptTotal - ((number - 1) * 3), 1L), journal.PendingAfter((ulong)number - 1));
        }

        Assert.Equal((0, null), journal.PendingAfter((ulong)last));
        Assert.Equal((ulong)last * 10, journal.MaxSequence);
    }

    private DecisionJournal Open() => new(_fixture.Folder, sync: false, NullLogger<DecisionJournal>.Instance);

    private DecisionJournal Open(int maxFileBytes) => new(_fixture.Folder, sync: false, NullLogger<DecisionJournal>.Instance, maxFileBytes);

    private static void Append(DecisionJournal journal, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var number = journal.LastFrame + 1;
            journal.Append(new JournalFrame(number, number, journal.KeptTotal, 1, [], new[] { BatchDecision.Whole(number * 10, 3) }), []);
        }
    }
}
