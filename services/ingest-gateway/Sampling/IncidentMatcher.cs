using System.Text;
using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Incidents;
using StellaOps.Telemetry.IngestGateway.Pipeline;

namespace StellaOps.Telemetry.IngestGateway.Sampling;

/// <summary>An incident as the sampler sees it.</summary>
internal sealed record IncidentScope(long ExpiresAt, Stamp Stamp)
{
    /// <summary>At a rate below 1 the same traces are kept everywhere.</summary>
    public bool Keeps(UInt128 traceId) => Stamp.Rate >= 1 || TraceShare.Of(traceId) < Stamp.Rate;
}

/// <summary>The incidents of one tenant by service; each list by rate, highest first, so that the first one in force decides.</summary>
internal sealed class TenantScopes
{
    private readonly List<IncidentScope> _any = [];
    private readonly List<IncidentScope> _whole = [];
    private readonly Dictionary<ulong, List<IncidentScope>> _byService = [];

    public void Add(IncidentMessage incident)
    {
        var scope = new IncidentScope(UnixNano.Of(incident.ExpiresAt), new Stamp(TailSampler.IncidentPolicy, incident.SamplingRate, incident.Id));
        _any.Add(scope);
        if (incident.Services.Count == 0)
        {
            _whole.Add(scope);
        }

        foreach (var service in incident.Services.Select(s => SpanWalker.HashOf(Encoding.UTF8.GetBytes(s))).Distinct())
        {
            if (!_byService.TryGetValue(service, out var scopes))
            {
                _byService.Add(service, scopes = []);
            }

            scopes.Add(scope);
        }
    }

    /// <summary>The incident in force of the highest rate whose scope holds the service.</summary>
    public IncidentScope? Find(ulong serviceHash, long now)
    {
        var whole = First(_whole, now);
        return _byService.TryGetValue(serviceHash, out var scopes) && First(scopes, now) is { } own && (whole is null || own.Stamp.Rate >= whole.Stamp.Rate)
            ? own
            : whole;
    }

    /// <summary>The incident in force of the highest rate, whatever its services.</summary>
    public IncidentScope? FindAny(long now) => First(_any, now);

    // Expired ones are gone from the snapshot within a second, so few are passed over.
    private static IncidentScope? First(List<IncidentScope> scopes, long now)
    {
        foreach (var scope in scopes)
        {
            if (now < scope.ExpiresAt)
            {
                return scope;
            }
        }

        return null;
    }
}

/// <summary>The incidents in force by tenant, judged against the reader's clock. What a span costs does not depend on how many are open.</summary>
internal sealed class IncidentMatcher(IIncidentScopes source)
{
    private readonly Dictionary<TenantId, TenantScopes> _tenants = [];
    private IncidentsModel? _model;

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
        foreach (var incident in model.Active.Where(i => !i.Tombstone && UnixNano.Of(i.ExpiresAt) > now).OrderByDescending(i => i.SamplingRate))
        {
            if (!_tenants.TryGetValue(incident.Tenant, out var scopes))
            {
                _tenants.Add(incident.Tenant, scopes = new TenantScopes());
            }

            scopes.Add(incident);
        }

        return _tenants.Count > 0;
    }

    /// <summary>Null when the tenant has no incident.</summary>
    public TenantScopes? Of(TenantId tenant) => _tenants.Count == 0 ? null : _tenants.GetValueOrDefault(tenant);
}
