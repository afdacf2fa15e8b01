using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Incidents;
using StellaOps.Telemetry.IngestGateway.Pipeline;

namespace StellaOps.Telemetry.IngestGateway.Sampling;

/// <summary>The incidents in force by tenant, judged against the reader's clock. What a span costs does not depend on how many are open.</summary>
internal sealed class IncidentMatcher(IIncidentScopes source)
{
    private readonly Dictionary<TenantId, TenantScopes> _tenants = [];
    private HashSet<(string, long)> _conditional = [];
    private IncidentsModel? _model;

    /// <summary>Whether the last refresh brought an incident that asks for attributes: whether buffered traces have them is not known.</summary>
    public bool HasNewConditions { get; private set; }

    /// <summary>Takes over a new snapshot; true when there was one.</summary>
    public bool Refresh(long now)
    {
        var model = source.Current;
        if (ReferenceEquals(model, _model))
        {
            return false;
        }

        _model = model;
        _tenants.Clear();
        var conditional = new HashSet<(string, long)>();
        foreach (var incident in model.Active.Where(i => !i.Tombstone && UnixNano.Of(i.ExpiresAt) > now).OrderByDescending(i => i.SamplingRate))
        {
            if (!_tenants.TryGetValue(incident.Tenant, out var scopes))
            {
                _tenants.Add(incident.Tenant, scopes = new TenantScopes());
            }

            scopes.Add(incident);
            if (incident.Match is { Count: > 0 })
            {
                conditional.Add((incident.Id, incident.Version));
            }
        }

        HasNewConditions = !conditional.IsSubsetOf(_conditional);
        _conditional = conditional;
        return _tenants.Count > 0;
    }

    /// <summary>Null when the tenant has no incident.</summary>
    public TenantScopes? Of(TenantId tenant) => _tenants.Count == 0 ? null : _tenants.GetValueOrDefault(tenant);
}
