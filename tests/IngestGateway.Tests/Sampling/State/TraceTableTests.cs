using StellaOps.Telemetry.IngestGateway.Sampling.State;

namespace StellaOps.Telemetry.IngestGateway.Tests.Sampling.State;

public sealed class TraceTableTests
{
    [Fact]
    public void AddRecord_Neighbours_AreOneRun()
    {
        var table = Table();
        var slot = table.Add(0, 1, 10, 0);
        foreach (var (sequence, index) in ((uint, int)[])[(5, 0), (5, 1), (5, 3), (6, 4), (6, 5)])
        {
            table.AddRecord(slot, sequence, index);
        }

        var runs = new List<(uint, int, int)>();
        while (table.TryTakeRun(slot, out var run))
        {
            runs.Add((run.Sequence, run.Index, run.Length));
        }

        Assert.Equal([(5u, 0, 2), (5u, 3, 1), (6u, 4, 2)], runs);
    }

    [Fact]
    public void Remove_Any_KeepsTheOthersOldestFirst()
    {
        var table = Table();
        var slots = Enumerable.Range(0, 600).Select(i => table.Add(0, (UInt128)i, i, 0)).ToList();
        foreach (var i in (int[])[0, 1, 300, 598, 599])
        {
            table.Remove(slots[i]);
        }

        var again = table.Add(0, 1000, 1000, 0);
        var order = new List<UInt128>();
        for (var slot = table.Oldest; slot >= 0; slot = table.NewerThan(slot))
        {
            order.Add(table.TraceIdOf(slot));
        }

        Assert.Equal([.. Enumerable.Range(2, 298), .. Enumerable.Range(301, 297), 1000], order.Select(id => (int)id));
        Assert.Equal(table.Find(0, 1000), again);
    }

    [Fact]
    public void Bytes_AfterAllIsRemoved_IsNone()
    {
        var table = Table();
        var slot = table.Add(0, 1, 10, 7);
        for (var i = 0; i < 100; i++)
        {
            table.AddRecord(slot, 1, i * 2);
            table.AddService(slot, (ulong)i);
        }

        Assert.True(table[slot].HasManyServices);
        Assert.InRange(table.Bytes, 100 * 16, 100 * 16 + 1000);
        while (table.TryTakeRun(slot, out _))
        {
        }

        table.Remove(slot);
        Assert.Equal((0, 0L), (table.Count, table.Bytes));
    }

    [Fact]
    public void ATraceOf16SpansIn4Requests_CostsLessThan328Bytes()
    {
        var table = Table();
        for (var trace = 0; trace < 1000; trace++)
        {
            var slot = table.Add(0, (UInt128)trace, 0, 0);
            for (var record = 0; record < 16; record++)
            {
                table.AddRecord(slot, (uint)(record / 4), (trace * 4) + (record % 4));
            }
        }

        // 200 for the trace and 8 for each span.
        Assert.InRange(table.Bytes / 1000, 1, 328);
    }

    private static TraceTable Table()
    {
        var table = new TraceTable();
        table.Reset(1);
        return table;
    }
}
