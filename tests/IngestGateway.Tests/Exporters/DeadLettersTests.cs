using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.IngestGateway.Exporters;
using StellaOps.Telemetry.IngestGateway.Tests.TestServices;

namespace StellaOps.Telemetry.IngestGateway.Tests.Exporters;

public sealed class DeadLettersTests : IDisposable
{
    private readonly PipelineFixture _fixture = new();

    private string Folder => Path.Combine(_fixture.Folder, "deadletter", "store");

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Write_AboveCount_DropsTheOldestAndSaysHowMuch()
    {
        var letters = new DeadLetters(_fixture.Folder, "store", maxCount: 3);
        Assert.Equal(0, Write(letters, 1) + Write(letters, 2) + Write(letters, 3) + Write(letters, 3));
        Assert.Equal(5, Write(letters, 4));
        Assert.Equal(3, Directory.GetFiles(Folder, "*.json").Length);
        Assert.DoesNotContain(Directory.GetFiles(Folder), f => Path.GetFileName(f).StartsWith("00000000000000000001", StringComparison.Ordinal));
    }

    [Fact]
    public void Write_AboveBytesAfterARestart_CountsWhatLiesThere()
    {
        Write(new DeadLetters(_fixture.Folder, "store", maxBytes: 3000), 1);
        Assert.Equal(5, Write(new DeadLetters(_fixture.Folder, "store", maxBytes: 1800), 2));
        Assert.Equal(2, Directory.GetFiles(Folder).Length);
    }

    [Fact]
    public void Open_RequestWithoutReason_IsNobodys()
    {
        Write(new DeadLetters(_fixture.Folder, "store"), 1);
        File.WriteAllBytes(Path.Combine(Folder, "00000000000000000009-00000000000000000009-logs.otlp"), new byte[10]);
        _ = new DeadLetters(_fixture.Folder, "store");
        Assert.Equal(2, Directory.GetFiles(Folder).Length);
    }

    private long Write(DeadLetters letters, ulong number) =>
        letters.Write(number, number, PipelineFixture.Acme, Signal.Logs, 5, "too old", _fixture.Time.GetUtcNow(), new byte[1000]);
}
