using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Admission;
using StellaOps.Telemetry.IngestGateway.Configuration;

namespace StellaOps.Telemetry.IngestGateway.HeadSampling;

/// <summary>
/// Those who wait for another answer: so many at once and no more, and of these a tenant may hold half. A waiter holds a connection and some
/// hundred bytes, no thread.
/// </summary>
internal sealed class HeadWaiters(GatewayOptions options)
{
    /// <summary>
    /// Woken in one go: each is work for the thread pool, on whose queue admission looks; a thousand at once would have senders refused just when
    /// an incident opens.
    /// </summary>
    private const int WokenAtOnce = 32;

    private readonly Lock _lock = new();
    private readonly Dictionary<TenantId, HashSet<HeadWaiter>> _tenants = [];
    private readonly int _max = options.MaxSamplingWaiters;
    private readonly int _maxOfTenant = Math.Max(1, options.MaxSamplingWaiters / 2);
    private volatile int _count;
    private bool _isClosed;

    public int Count => _count;

    /// <param name="waiter">To be disposed when it waits no longer.</param>
    public IngestStatus TryEnter(TenantId tenant, out HeadWaiter? waiter)
    {
        waiter = null;
        lock (_lock)
        {
            var own = _tenants.GetValueOrDefault(tenant);
            if (_isClosed || _count >= _max || own?.Count >= _maxOfTenant)
            {
                return _isClosed ? IngestStatus.Stopping : own?.Count >= _maxOfTenant ? IngestStatus.TenantWaitsEnough : IngestStatus.TooManyWait;
            }

            waiter = new HeadWaiter(this, tenant);
            if (own is null)
            {
                _tenants.Add(tenant, own = []);
            }

            own.Add(waiter);
            _count++;
            return IngestStatus.Accepted;
        }
    }

    /// <summary>Has the waiters of these tenants look again, few after few.</summary>
    public async Task WakeAsync(IEnumerable<TenantId> tenants)
    {
        foreach (var tenant in tenants)
        {
            foreach (var some in Of(tenant).Chunk(WokenAtOnce))
            {
                Array.ForEach(some, w => w.Woken.Pulse());

                // To the end of the pool's queue, behind what was woken.
                await Task.Yield();
            }
        }
    }

    /// <summary>The same of all.</summary>
    public Task WakeAllAsync()
    {
        TenantId[] all;
        lock (_lock)
        {
            all = [.. _tenants.Keys];
        }

        return WakeAsync(all);
    }

    /// <summary>Nobody waits any more: the gateway stops.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            foreach (var waiter in _tenants.Values.SelectMany(w => w))
            {
                waiter.Close();
            }
        }
    }

    public void Leave(HeadWaiter waiter)
    {
        lock (_lock)
        {
            if (_tenants.TryGetValue(waiter.Tenant, out var own) && own.Remove(waiter))
            {
                _count--;
                if (own.Count == 0)
                {
                    _tenants.Remove(waiter.Tenant);
                }
            }
        }
    }

    private HeadWaiter[] Of(TenantId tenant)
    {
        lock (_lock)
        {
            return _tenants.TryGetValue(tenant, out var own) ? [.. own] : [];
        }
    }
}
