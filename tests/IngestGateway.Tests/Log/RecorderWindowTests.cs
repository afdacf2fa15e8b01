using System.Globalization;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.IngestGateway.Tests.TestServices;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Tests.Log;

/// <summary>How far back the log reaches, and who may fill it.</summary>
public sealed class RecorderWindowTests : IDisposable
{
    private readonly PipelineFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Window_WithinBytes_ReachesBackAtLeastItsAge()
    {
        using var log = _fixture.OpenLog();
        for (var minute = 0; minute < 120; minute++)
        {
            Assert.Equal(AppendOutcome.Accepted, await log.AppendAsync(PipelineFixture.Batch(300_000), CancellationToken.None));
            _fixture.Time.Advance(TimeSpan.FromMinutes(1));
        }

        var reach = TimeSpan.FromTicks((UnixNano.Of(_fixture.Time.GetUtcNow()) - log.FirstAcceptedAtUnixNano!.Value) / 100);
        Assert.InRange(reach, TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(25));
        Assert.InRange(log.FileBytes, 4 << 20, 9 << 20);
    }

    [Fact]
    public async Task Share_ManyTenantsAndOneFlood_NobodysLookBackIsShortened()
    {
        _fixture.Settings = _fixture.Settings with { Recorder = _fixture.Settings.Recorder with { TenantShare = 0.5 } };
        using var log = _fixture.OpenLog();
        var tenants = Enumerable.Range(0, 1000).Select(i => TenantId.Parse("t" + i.ToString(CultureInfo.InvariantCulture))).ToList();
        foreach (var tenant in tenants)
        {
            Assert.Equal(AppendOutcome.Accepted, await log.AppendAsync(PipelineFixture.Batch(1000, tenant), CancellationToken.None));
        }

        var refused = 0;
        for (var i = 0; i < 200; i++)
        {
            refused += await log.AppendAsync(PipelineFixture.Batch(100_000), CancellationToken.None) == AppendOutcome.TenantShareExceeded ? 1 : 0;
        }

        Assert.InRange(refused, 110, 130);
        Assert.Equal(1ul, log.FirstSequence);
        foreach (var tenant in tenants)
        {
            Assert.Equal(AppendOutcome.Accepted, await log.AppendAsync(PipelineFixture.Batch(1000, tenant), CancellationToken.None));
        }

        // The shares are counted from the files again after a restart.
        log.Dispose();
        using var again = _fixture.OpenLog();
        Assert.Equal(AppendOutcome.TenantShareExceeded, await again.AppendAsync(PipelineFixture.Batch(100_000), CancellationToken.None));
        Assert.Equal(AppendOutcome.Accepted, await again.AppendAsync(PipelineFixture.Batch(1000, tenants[0]), CancellationToken.None));
    }

    [Fact]
    public async Task Apply_SmallerBoundsAndLargerFiles_GivesTheRoomBack()
    {
        using var log = _fixture.OpenLog();
        for (var i = 0; i < 60; i++)
        {
            await log.AppendAsync(PipelineFixture.Batch(400_000), CancellationToken.None);
        }

        log.Apply(new RecorderSettings(TimeSpan.FromMinutes(15), 8 << 20, 2 << 20, 1.0), Durability.Write);
        for (var i = 0; i < 60; i++)
        {
            Assert.Equal(AppendOutcome.Accepted, await log.AppendAsync(PipelineFixture.Batch(400_000), CancellationToken.None));
        }

        Assert.InRange(log.FileBytes, 2 << 20, 8 << 20);
        Assert.Equal(log.FileBytes, Directory.GetFiles(Path.Combine(_fixture.Folder, "log"), "*.log").Sum(f => new FileInfo(f).Length));
    }

    [Fact]
    public async Task AppendAsync_IntoAReusedFile_AllocatesLessThanABytePerRecord()
    {
        using var log = _fixture.OpenLog();
        var batch = PipelineFixture.Batch(20_000);
        for (var i = 0; i < 2000; i++)
        {
            await log.AppendAsync(batch, CancellationToken.None);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            Assert.True(log.AppendAsync(batch, CancellationToken.None).IsCompletedSuccessfully);
        }

        // What memory knows of a batch (48 bytes), and a file's table now and then.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 1000, 0, 100);
    }
}
