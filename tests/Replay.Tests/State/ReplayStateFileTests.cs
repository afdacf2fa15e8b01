using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Replay.Batches;
using StellaOps.Telemetry.Replay.State;

namespace StellaOps.Telemetry.Replay.Tests.State;

public sealed class ReplayStateFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stella-replay-");

    private string FilePath => Path.Combine(_folder.FullName, "a.replay.json");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Write_ThenRead_IsTheSame()
    {
        var state = new ReplayState(
            ReplayState.SchemaId, "id", new ReplaySubject("aa", "http://here/", "http", null, "+2h", true), new ReplayBatching(7, 8, true), "-5",
            DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1), true, 12, [new ReplaySignalState(Signal.Logs, 3, 2, 1)], null);
        using (var file = ReplayStateFile.Open(FilePath))
        {
            Assert.Null(file.Read());
            file.Write(state);
        }

        using var again = ReplayStateFile.Open(FilePath);
        Assert.Equivalent(state, again.Read(), strict: true);
    }

    [Fact]
    public void Open_WhileAnotherHasIt_IsRefused()
    {
        using var first = ReplayStateFile.Open(FilePath);

        Assert.Equal(ReplayFault.StateBusy, Assert.Throws<ReplayException>(() => ReplayStateFile.Open(FilePath)).Fault);
    }

    [Fact]
    public void Open_InNoFolder_SaysWhatToDo()
    {
        var refused = Assert.Throws<ReplayException>(() => ReplayStateFile.Open(Path.Combine(_folder.FullName, "none", "a.json")));

        Assert.Equal(ReplayFault.StateUnusable, refused.Fault);
        Assert.Contains("--state-file", refused.Fix, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"schema":"https://stella-ops.org/telemetry/replay-state/v2"}""")]
    public void Read_NoState_IsRefused(string text)
    {
        File.WriteAllText(FilePath, text);
        using var file = ReplayStateFile.Open(FilePath);

        Assert.Equal(ReplayFault.StateUnusable, Assert.Throws<ReplayException>(() => file.Read()).Fault);
    }
}
