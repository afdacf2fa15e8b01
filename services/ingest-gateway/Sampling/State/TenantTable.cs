using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.IngestGateway.Sampling.State;

/// <summary>Tenants as small numbers. Grows by the tenants that are registered.</summary>
internal sealed class TenantTable
{
    private readonly Dictionary<TenantId, int> _numbers = [];
    private readonly List<TenantId> _tenants = [];

    public TenantId this[int number] => _tenants[number];

    public int NumberOf(TenantId tenant)
    {
        if (!_numbers.TryGetValue(tenant, out var number))
        {
            _numbers.Add(tenant, number = _tenants.Count);
            _tenants.Add(tenant);
        }

        return number;
    }

    /// <summary>-1 for one that was never seen.</summary>
    public int Find(TenantId tenant) => _numbers.GetValueOrDefault(tenant, -1);
}
