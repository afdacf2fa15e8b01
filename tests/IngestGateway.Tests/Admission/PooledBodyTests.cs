using System.Buffers;
using StellaOps.Telemetry.IngestGateway.Admission;

namespace StellaOps.Telemetry.IngestGateway.Tests.Admission;

public sealed class PooledBodyTests
{
    private readonly InFlightBudget _budget = new(1 << 20);

    [Fact]
    public void Dispose_GivesItsBudgetBack()
    {
        using (var body = New())
        {
            Assert.Equal(IngestStatus.Accepted, body.TryAppend(new ReadOnlySequence<byte>(new byte[100_000])));
            Assert.True(_budget.Held >= 100_000);
        }

        Assert.Equal(0, _budget.Held);
    }

    [Fact]
    public void Append_InManyPieces_KeepsEveryByteInOrder()
    {
        using var body = New();
        var expected = new byte[300_000];
        Random.Shared.NextBytes(expected);
        for (var at = 0; at < expected.Length; at += 7_001)
        {
            Assert.Equal(IngestStatus.Accepted, body.TryAppend(new ReadOnlySequence<byte>(expected, at, Math.Min(7_001, expected.Length - at))));
        }

        Assert.Equal(expected, body.Memory.ToArray());
    }

    [Fact]
    public void Append_AboveTheBudget_IsOverloadAndHoldsNothingMore()
    {
        using var body = New();

        Assert.Equal(IngestStatus.Overloaded, body.TryAppend(new ReadOnlySequence<byte>(new byte[(1 << 20) + 1])));
        Assert.Equal(0, _budget.Held);
    }

    [Fact]
    public void Pool_UsedAgain_NeverHoldsMoreIdleThanItsBound()
    {
        var pool = new BodyPool();
        var arrays = Enumerable.Range(0, 40).Select(_ => pool.Rent(1 << 20)).ToList();
        arrays.ForEach(pool.Return);

        Assert.Equal(32L << 20, pool.IdleBytes);
        Assert.Contains(pool.Rent((1 << 20) - 5), arrays);
    }

    private PooledBody New() => new(_budget, 2 << 20, IngestStatus.RequestTooLarge);
}
