using StellaOps.Telemetry.IngestGateway.Sampling.State;

namespace StellaOps.Telemetry.IngestGateway.Tests.Sampling.State;

public sealed class KeyTableTests
{
    [Fact]
    public void AnyOperations_FindWhatADictionaryFinds()
    {
        var random = new Random(41);
        var table = new KeyTable();
        var model = new Dictionary<(int, UInt128), int>();
        var free = new Stack<int>(Enumerable.Range(0, 3000).Reverse());
        for (var step = 0; step < 60_000; step++)
        {
            // Few ids, so that adding and removing meet; high halves alone differ in some.
            var key = (random.Next(3), new UInt128((ulong)random.Next(4), (ulong)random.Next(500)));
            if (model.TryGetValue(key, out var slot))
            {
                Assert.Equal(slot, table.Find(key.Item1, key.Item2));
                if (random.Next(2) == 0)
                {
                    table.Remove(slot);
                    model.Remove(key);
                    free.Push(slot);
                }
            }
            else
            {
                Assert.Equal(-1, table.Find(key.Item1, key.Item2));
                if (free.TryPop(out slot))
                {
                    table.Add(slot, key.Item1, key.Item2);
                    model.Add(key, slot);
                }
            }

            Assert.Equal(model.Count, table.Count);
        }

        Assert.All(model, e => Assert.Equal((e.Key.Item1, e.Key.Item2), (table.TenantOf(e.Value), table.TraceIdOf(table.Find(e.Key.Item1, e.Key.Item2)))));
    }

    [Fact]
    public void Clear_ForgetsAll()
    {
        var table = new KeyTable();
        for (var i = 0; i < 1000; i++)
        {
            table.Add(i, 0, (UInt128)i);
        }

        table.Clear();
        Assert.Equal((0, -1), (table.Count, table.Find(0, 7)));
        table.Add(0, 0, 7);
        Assert.Equal(0, table.Find(0, 7));
    }
}
