using Microsoft.Extensions.Time.Testing;
using StellaOps.Telemetry.IngestGateway.Admission;

namespace StellaOps.Telemetry.IngestGateway.Tests.Admission;

public sealed class TokenBucketTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Wait_AfterMoreThanTheBurst_IsTheTimeUntilTheDebtIsPaid()
    {
        var bucket = new TokenBucket(100, TimeSpan.FromSeconds(2), _time);
        bucket.Take(200 + 149);

        Assert.Equal(1.5, bucket.Wait().TotalSeconds, 3);
        _time.Advance(TimeSpan.FromSeconds(1.4));
        Assert.True(bucket.Wait() > TimeSpan.Zero);
        _time.Advance(bucket.Wait());
        Assert.Equal(TimeSpan.Zero, bucket.Wait());
    }

    [Fact]
    public void Take_WhileAnythingIsLeft_PassesARequestAboveTheBurst()
    {
        var bucket = new TokenBucket(10, TimeSpan.FromSeconds(1), _time);

        Assert.Equal(TimeSpan.Zero, bucket.Wait());
        bucket.Take(1_000);
        Assert.Equal(99.1, bucket.Wait().TotalSeconds, 3);
    }

    [Fact]
    public void Take_AnyPattern_NeverPassesMoreThanRateAndBurst()
    {
        var bucket = new TokenBucket(1_000, TimeSpan.FromSeconds(1), _time);
        var random = new Random(4711);
        var begun = _time.GetUtcNow();
        long passed = 0, largest = 0;
        for (var i = 0; i < 20_000; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(random.Next(0, 10)));
            if (bucket.Wait() == TimeSpan.Zero)
            {
                var weight = random.Next(1, 300);
                bucket.Take(weight);
                passed += weight;
                largest = Math.Max(largest, weight);
            }
        }

        var elapsed = (_time.GetUtcNow() - begun).TotalSeconds;
        Assert.InRange(passed, (elapsed - 1) * 1_000, ((elapsed + 1) * 1_000) + largest);
    }

    [Fact]
    public void Wait_RateOfOneByteAfterAHugeRequest_IsStillATime() =>
        Assert.True(After(new TokenBucket(1, TimeSpan.FromMilliseconds(1), _time), long.MaxValue / 4).Wait() > TimeSpan.FromDays(365));

    private static TokenBucket After(TokenBucket bucket, long amount)
    {
        bucket.Take(amount);
        return bucket;
    }
}
