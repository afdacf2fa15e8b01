using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Incidents;

namespace StellaOps.Telemetry.IngestGateway.HeadSampling;

/// <summary>
/// A snapshot's incidents by tenant and service; immutable. Of an incident only tenant, services and rate count here: whatever else it asks of a
/// span is not known when a trace begins.
/// </summary>
internal sealed class HeadScopes
{
    private readonly Dictionary<TenantId, TenantIncidents> _tenants = [];

    public HeadScopes(IncidentsModel model)
    {
        Model = model;
        foreach (var tenant in model.Active.GroupBy(i => i.Tenant))
        {
            _tenants.Add(tenant.Key, new TenantIncidents([.. tenant.OrderByDescending(i => i.SamplingRate).ThenByDescending(i => i.ExpiresAt)]));
        }
    }

    public IncidentsModel Model { get; }

    /// <summary>Of the incidents in force that cover the service the one of the highest rate, and of those the one that lasts longest.</summary>
    public IncidentMessage? Find(TenantId tenant, string service, DateTimeOffset now) => _tenants.GetValueOrDefault(tenant)?.Find(service, now);

    /// <summary>The tenants of which it says something else.</summary>
    public IEnumerable<TenantId> ChangedSince(HeadScopes before) => _tenants.Keys.Union(before._tenants.Keys)
        .Where(t => !(_tenants.TryGetValue(t, out var now) && before._tenants.TryGetValue(t, out var was) && now.IsSameAs(was)));

    /// <summary>In the order in which they count.</summary>
    private sealed class TenantIncidents
    {
        private readonly IncidentMessage[] _all;
        private readonly List<IncidentMessage> _whole = [];
        private readonly Dictionary<string, List<IncidentMessage>> _byService = new(StringComparer.Ordinal);

        public TenantIncidents(IncidentMessage[] all)
        {
            _all = all;
            foreach (var incident in all)
            {
                if (incident.Services.Count == 0)
                {
                    _whole.Add(incident);
                }

                foreach (var service in incident.Services.Distinct(StringComparer.Ordinal))
                {
                    if (!_byService.TryGetValue(service, out var own))
                    {
                        _byService.Add(service, own = []);
                    }

                    own.Add(incident);
                }
            }
        }

        public IncidentMessage? Find(string service, DateTimeOffset now)
        {
            var whole = First(_whole, now);
            return _byService.TryGetValue(service, out var own) && First(own, now) is { } named && (whole is null || Counts(named, whole)) ? named : whole;
        }

        // A message is kept as it came: the same ones are the same objects.
        public bool IsSameAs(TenantIncidents other) => _all.AsSpan().SequenceEqual(other._all);

        private static bool Counts(IncidentMessage one, IncidentMessage other) =>
            one.SamplingRate > other.SamplingRate || (one.SamplingRate == other.SamplingRate && one.ExpiresAt >= other.ExpiresAt);

        private static IncidentMessage? First(List<IncidentMessage> incidents, DateTimeOffset now)
        {
            foreach (var incident in incidents)
            {
                if (now < incident.ExpiresAt)
                {
                    return incident;
                }
            }

            return null;
        }
    }
}
