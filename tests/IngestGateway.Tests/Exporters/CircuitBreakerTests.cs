using Microsoft.Extensions.Time.Testing;
using StellaOps.Telemetry.IngestGateway.Exporters;

namespace StellaOps.Telemetry.IngestGateway.Tests.Exporters;

public sealed class CircuitBreakerTests
{
    private readonly FakeTimeProvider _time = new();

    private CircuitBreaker New() => new(3, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4), _time);

    [Fact]
    public async Task Enter_FewerFailuresThanTheThresholdInARow_StaysClosed()
    {
        var breaker = New();
        for (var i = 0; i < 10; i++)
        {
            await breaker.EnterAsync(TestContext.Current.CancellationToken);
            breaker.Failed(null);
            breaker.Failed(null);
            breaker.Succeeded();
        }

        Assert.Equal(CircuitState.Closed, breaker.State);
    }

    [Fact]
    public async Task Enter_Open_LetsOneThroughAfterThePauseAndTheOthersWhenItSucceeds()
    {
        var breaker = New();
        Fail(breaker, 3);
        Assert.Equal(CircuitState.Open, breaker.State);
        var waiting = Enumerable.Range(0, 4).Select(_ => breaker.EnterAsync(TestContext.Current.CancellationToken).AsTask()).ToList();
        _time.Advance(TimeSpan.FromMilliseconds(499));
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.DoesNotContain(waiting, w => w.IsCompleted);

        _time.Advance(TimeSpan.FromMilliseconds(1100));
        await Task.WhenAny(waiting);
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Equal((1, CircuitState.HalfOpen), (waiting.Count(w => w.IsCompleted), breaker.State));

        breaker.Succeeded();
        await Task.WhenAll(waiting);
        Assert.Equal(CircuitState.Closed, breaker.State);
    }

    [Fact]
    public async Task Failed_HalfOpen_PausesLongerUpToTheLongest()
    {
        var breaker = New();
        Fail(breaker, 3);
        foreach (var longest in new[] { 1.5, 3, 6, 6, 6 })
        {
            var entered = breaker.EnterAsync(TestContext.Current.CancellationToken).AsTask();
            _time.Advance(TimeSpan.FromSeconds((longest / 3) - 0.01));
            await Task.Delay(20, TestContext.Current.CancellationToken);
            Assert.False(entered.IsCompleted);
            _time.Advance(TimeSpan.FromSeconds((longest * 2 / 3) + 0.1));
            await entered.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
            breaker.Failed(null);
            Assert.Equal(CircuitState.Open, breaker.State);
        }
    }

    [Fact]
    public async Task Failed_TargetAsksForTime_GetsIt()
    {
        var breaker = New();
        for (var i = 0; i < 3; i++)
        {
            breaker.Failed(TimeSpan.FromSeconds(60));
        }

        var entered = breaker.EnterAsync(TestContext.Current.CancellationToken).AsTask();
        _time.Advance(TimeSpan.FromSeconds(59));
        await Task.Delay(20, TestContext.Current.CancellationToken);
        Assert.False(entered.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1.1));
        await entered.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task GaveUp_HalfOpen_LetsTheNextTry()
    {
        var breaker = New();
        Fail(breaker, 3);
        _time.Advance(TimeSpan.FromSeconds(2));
        await breaker.EnterAsync(TestContext.Current.CancellationToken);
        var next = breaker.EnterAsync(TestContext.Current.CancellationToken).AsTask();
        Assert.False(next.IsCompleted);

        breaker.GaveUp();

        await next.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    private static void Fail(CircuitBreaker breaker, int times)
    {
        for (var i = 0; i < times; i++)
        {
            breaker.Failed(null);
        }
    }
}
