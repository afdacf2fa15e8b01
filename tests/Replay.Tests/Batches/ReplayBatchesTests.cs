using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Replay.Batches;
using StellaOps.Telemetry.Tests.Shared.Evidence;

namespace StellaOps.Telemetry.Replay.Tests.Batches;

public sealed class ReplayBatchesTests
{
    [Theory]
    [InlineData(1, 1 << 20)]
    [InlineData(4, 1 << 20)]
    [InlineData(500, 1 << 20)]
    [InlineData(500, 400)]
    [InlineData(500, 1)]
    public async Task Read_InTheBundlesOrder_HoldsEachFrameOnceWithinTheLimits(int records, int bytes)
    {
        using var bundle = await SampleBundle.CreateAsync(spans: 9, points: 0, logs: 10);

        var batches = await ReadAsync(bundle, new ReplayBatching(records, bytes));

        Assert.Equal((await bundle.FramesAsync()).SelectMany(f => f.Bytes), batches.SelectMany(b => b.Bytes));
        Assert.All(batches, b => Assert.True(b.Batch.Records <= records && (b.Bytes.Length <= bytes || b.Batch.Records == 1)));
        Assert.Equal(Enumerable.Range(0, batches.Count).Select(i => (long)i), batches.Select(b => b.Batch.Ordinal));
        Assert.Equal([Signal.Logs, Signal.Traces], batches.Select(b => b.Batch.Signal).Distinct());
    }

    /// <summary>Ten records of each signal to a second.</summary>
    [Fact]
    public async Task Read_ByTime_MergesSignalsAndEndsABatchWithItsSecond()
    {
        using var bundle = await SampleBundle.CreateAsync(spans: 25, points: 15, logs: 20);

        var batches = await ReadAsync(bundle, new ReplayBatching(ByTime: true));

        Assert.Equal(
            [(Signal.Traces, 10), (Signal.Metrics, 10), (Signal.Logs, 10), (Signal.Traces, 10), (Signal.Metrics, 5), (Signal.Logs, 10), (Signal.Traces, 5)],
            batches.Select(b => (b.Batch.Signal, b.Batch.Records)));
        Assert.Equal(batches.Select(b => b.Batch.FirstEventTimeUnixNano).Order(), batches.Select(b => b.Batch.FirstEventTimeUnixNano));
        Assert.Equal((await bundle.FramesAsync()).Sum(f => f.Bytes.Length), batches.Sum(b => b.Bytes.Length));
    }

    private static async Task<List<(ReplayBatch Batch, byte[] Bytes)>> ReadAsync(SampleBundle bundle, ReplayBatching batching)
    {
        var batches = new List<(ReplayBatch, byte[])>();
        await foreach (var batch in ReplayBatches.ReadAsync(bundle.Files, batching, TestContext.Current.CancellationToken))
        {
            batches.Add((batch, batch.Request.ToArray()));
        }

        return batches;
    }
}
