using Microsoft.Extensions.Logging.Abstractions;
using StellaOps.Telemetry.IngestGateway.Journal;
using StellaOps.Telemetry.IngestGateway.Tests.TestServices;

namespace StellaOps.Telemetry.IngestGateway.Tests.Journal;

public sealed class DecisionJournalTests : IDisposable
{
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

    private DecisionJournal Open() => new(_fixture.Folder, sync: false, NullLogger<DecisionJournal>.Instance);

    private static void Append(DecisionJournal journal, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var number = journal.LastFrame + 1;
            journal.Append(new JournalFrame(number, number, journal.KeptTotal, 1, [], new[] { BatchDecision.Whole(number * 10, 3) }), []);
        }
    }
}
