using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Admission;
using StellaOps.Telemetry.IngestGateway.Configuration;
using StellaOps.Telemetry.IngestGateway.HeadSampling;
using StellaOps.Telemetry.IngestGateway.Tests.TestServices;

namespace StellaOps.Telemetry.IngestGateway.Tests.HeadSampling;

public sealed class HeadWaitersTests
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(5);

    [Fact]
    public void TryEnter_AboveTheBounds_IsRefusedUntilSomebodyLeaves()
    {
        var waiters = new HeadWaiters(new GatewayOptions { MaxSamplingWaiters = 5 });
        var acme = Enumerable.Range(0, 2).Select(_ => Enter(waiters, "acme")).ToList();
        Assert.Equal(IngestStatus.TenantWaitsEnough, waiters.TryEnter(PipelineFixture.Acme, out _));
        Enter(waiters, "globex");
        Enter(waiters, "globex");
        Enter(waiters, "initech");

        Assert.Equal(IngestStatus.TooManyWait, waiters.TryEnter(TenantId.Parse("initech"), out var none));
        Assert.Null(none);
        acme[0].Dispose();
        acme[0].Dispose();
        Assert.Equal(4, waiters.Count);
        Enter(waiters, "acme");
        Assert.Equal(IngestStatus.TenantWaitsEnough, waiters.TryEnter(PipelineFixture.Acme, out _));
    }

    [Fact]
    public async Task WakeAsync_OneTenant_WakesAllOfItAndNobodyElse()
    {
        var waiters = new HeadWaiters(new GatewayOptions { MaxSamplingWaiters = 400 });
        var acme = Enumerable.Range(0, 150).Select(_ => Enter(waiters, "acme").Woken.NextAsync()).ToList();
        var globex = Enter(waiters, "globex").Woken.NextAsync();

        await waiters.WakeAsync([PipelineFixture.Acme]);

        await Task.WhenAll(acme).WaitAsync(s_soon, TestContext.Current.CancellationToken);
        Assert.False(globex.IsCompleted);
        await waiters.WakeAllAsync();
        await globex.WaitAsync(s_soon, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Close_WhoWaitsAndWhoComes_IsToldToGo()
    {
        var waiters = new HeadWaiters(new GatewayOptions());
        var waiter = Enter(waiters, "acme");
        var woken = waiter.Woken.NextAsync();

        waiters.Close();

        await woken.WaitAsync(s_soon, TestContext.Current.CancellationToken);
        Assert.True(waiter.IsClosed);
        Assert.Equal(IngestStatus.Stopping, waiters.TryEnter(PipelineFixture.Acme, out _));
    }

    [Theory]
    [InlineData(5000, null, 2000, null)]
    [InlineData(100, null, 50, null)]
    [InlineData(1, null, 1, null)]
    [InlineData(100, 99, 99, null)]
    [InlineData(100, 100, 100, "Stella__Gateway__MaxSamplingWaiters 100 is not from 1 to below Stella__Gateway__MaxConnections 100: who waits holds a connection; lower it, or senders find none")]
    [InlineData(100, 0, 0, "Stella__Gateway__MaxSamplingWaiters 0 is not from 1 to below Stella__Gateway__MaxConnections 100: who waits holds a connection; lower it, or senders find none")]
    public void Options_WaitersAgainstConnections_LeaveSomeForSenders(int connections, int? set, int waiters, string? fault)
    {
        var options = new GatewayOptions { Id = "gw-1", DataPath = "/data", MaxConnections = connections };
        if (set is { } value)
        {
            options.MaxSamplingWaiters = value;
        }

        Assert.Equal(waiters, options.MaxSamplingWaiters);
        Assert.Equal(fault is null ? [] : [fault], options.Faults());
    }

    private static HeadWaiter Enter(HeadWaiters waiters, string tenant)
    {
        Assert.Equal(IngestStatus.Accepted, waiters.TryEnter(TenantId.Parse(tenant), out var waiter));
        return waiter!;
    }
}
