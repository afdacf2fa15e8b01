using StellaOps.Telemetry.ProfileService.Rollouts;

namespace StellaOps.Telemetry.ProfileService.FunctionalTests.Rollouts;

public sealed class RolloutBatchesTests
{
    [Theory]
    [InlineData("1", 10, 1)]
    [InlineData("12", 10, 10)]
    [InlineData("10%", 2000, 200)]
    [InlineData("10%", 5, 1)]
    [InlineData("33%", 10, 4)]
    [InlineData("100%", 7, 7)]
    public void TryReadCanary_CountOrShare_IsAtLeastOneAndAtMostAll(string text, int total, int expected)
    {
        Assert.True(RolloutBatches.TryReadCanary(text, total, out var canary));
        Assert.Equal(expected, canary);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("0%")]
    [InlineData("101%")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("%")]
    [InlineData("all")]
    public void TryReadCanary_NeitherCountNorShare_IsRefused(string text) => Assert.False(RolloutBatches.TryReadCanary(text, 10, out _));

    [Theory]
    [InlineData(1, 1, null, "1")]
    [InlineData(10, 1, null, "1 2 4 3")]
    [InlineData(10, 10, null, "10")]
    [InlineData(2000, 200, null, "200 400 800 600")]
    [InlineData(10, 1, 1, "10")]
    [InlineData(10, 1, 2, "1 9")]
    [InlineData(111, 1, 3, "1 10 100")]
    [InlineData(10, 4, 5, "4 4 2")]
    public void Sizes_CanaryThenGrowing_TakeAll(int total, int canary, int? batches, string expected)
    {
        var sizes = RolloutBatches.Sizes(total, canary, batches);
        Assert.Equal(expected, string.Join(' ', sizes));
    }

    [Fact]
    public void Sizes_AnyNumbers_TakeAllInAtMostTheBatchesAskedFor()
    {
        foreach (var total in new[] { 1, 2, 3, 17, 100, 1999 })
        {
            foreach (var canary in new[] { 1, 2, 5, total }.Where(c => c <= total))
            {
                for (var batches = 1; batches <= 12; batches++)
                {
                    var sizes = RolloutBatches.Sizes(total, canary, batches);
                    Assert.Equal(total, sizes.Sum());
                    Assert.InRange(sizes.Count, 1, batches);
                    Assert.All(sizes, s => Assert.True(s > 0));
                }
            }
        }
    }
}
