using StellaOps.Telemetry.IngestGateway.Sampling.State;

namespace StellaOps.Telemetry.IngestGateway.Tests.Sampling.State;

public sealed class DecisionCacheTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(300)]
    public void Set_AboveCapacity_ForgetsTheOldest(int capacity)
    {
        var cache = new DecisionCache(capacity);
        for (var i = 0; i < 1000; i++)
        {
            cache.Set(0, (UInt128)i, i);
        }

        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal(i >= 1000 - capacity, cache.TryGet(0, (UInt128)i, out var stamp));
            Assert.Equal(i >= 1000 - capacity ? i : -1, stamp);
        }
    }

    [Fact]
    public void Remove_LeavesTheOthersAndTheirOrder()
    {
        var cache = new DecisionCache(3);
        cache.Set(0, 1, 1);
        cache.Set(0, 2, 2);
        cache.Set(0, 3, 3);
        cache.Remove(0, 2);
        cache.Set(0, 4, 4);
        Assert.False(cache.TryGet(0, 1, out _));
        Assert.False(cache.TryGet(0, 2, out _));
        Assert.True(cache.TryGet(0, 3, out _));
        cache.Set(0, 5, 5);
        Assert.True(cache.TryGet(0, 3, out _));
        cache.Set(0, 6, 6);
        Assert.False(cache.TryGet(0, 3, out _));
    }

    [Fact]
    public void Set_WithoutCapacity_RemembersNothing()
    {
        var cache = new DecisionCache(0);
        cache.Set(0, 1, 1);
        Assert.False(cache.TryGet(0, 1, out _));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    public void CopyTo_AnotherCapacity_KeepsTheYoungest(int capacity)
    {
        var cache = new DecisionCache(5);
        for (var i = 0; i < 9; i++)
        {
            cache.Set(i % 2, (UInt128)i, i);
        }

        var other = new DecisionCache(capacity);
        cache.CopyTo(other);
        for (var i = 0; i < 9; i++)
        {
            Assert.Equal(i >= 9 - Math.Min(5, capacity), other.TryGet(i % 2, (UInt128)i, out _));
        }
    }
}
