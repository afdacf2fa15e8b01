using Microsoft.Extensions.Options;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.CaptureWorker.Search;

/// <summary>How many searches run, of all and of each tenant. Who finds no place is refused, and does not wait.</summary>
internal sealed class SearchSlots(IOptions<SearchOptions> options)
{
    private readonly Lock _lock = new();

    // Only tenants of searches that run.
    private readonly Dictionary<TenantId, int> _running = [];
    private int _all;

    /// <summary>A place, to be given back; null when there is none.</summary>
    public IDisposable? TryTake(TenantId tenant)
    {
        lock (_lock)
        {
            var own = _running.GetValueOrDefault(tenant);
            if (_all >= options.Value.MaxConcurrent || own >= options.Value.MaxConcurrentPerTenant)
            {
                return null;
            }

            _all++;
            _running[tenant] = own + 1;
            return new Slot(this, tenant);
        }
    }

    private void GiveBack(TenantId tenant)
    {
        lock (_lock)
        {
            _all--;
            if (--_running[tenant] == 0)
            {
                _running.Remove(tenant);
            }
        }
    }

    private sealed class Slot(SearchSlots slots, TenantId tenant) : IDisposable
    {
        private int _isGivenBack;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isGivenBack, 1) == 0)
            {
                slots.GiveBack(tenant);
            }
        }
    }
}
