using System.Text;
using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.IngestGateway.Pipeline;

namespace StellaOps.Telemetry.IngestGateway.Sampling;

/// <summary>The incidents of one tenant by service; each list by rate, highest first, so that the first one in force decides.</summary>
internal sealed class TenantScopes
{
    private readonly List<IncidentScope> _any = [];
    private readonly List<IncidentScope> _whole = [];
    private readonly Dictionary<ulong, List<IncidentScope>> _byService = [];
    private readonly List<(IncidentScope Scope, HashSet<ulong> Services, AttributeMatch Match)> _conditional = [];

    /// <summary>Whether attributes of spans have to be looked at.</summary>
    public bool HasConditions => _conditional.Count > 0;

    public void Add(IncidentMessage incident)
    {
        var scope = new IncidentScope(UnixNano.Of(incident.ExpiresAt), new Stamp(TailSampler.IncidentPolicy, incident.SamplingRate, incident.Id));
        var services = incident.Services.Select(s => SpanWalker.HashOf(Encoding.UTF8.GetBytes(s))).ToHashSet();
        if (incident.Match is { Count: > 0 } match)
        {
            _conditional.Add((scope, services, new AttributeMatch(match)));
            return;
        }

        _any.Add(scope);
        if (services.Count == 0)
        {
            _whole.Add(scope);
        }

        foreach (var service in services)
        {
            if (!_byService.TryGetValue(service, out var scopes))
            {
                _byService.Add(service, scopes = []);
            }

            scopes.Add(scope);
        }
    }

    /// <summary>The incident in force of the highest rate whose scope holds the service, whatever a span's attributes.</summary>
    public IncidentScope? Find(ulong serviceHash, long now)
    {
        var whole = First(_whole, now);
        return _byService.TryGetValue(serviceHash, out var scopes) && First(scopes, now) is { } own && (whole is null || own.Stamp.Rate >= whole.Stamp.Rate)
            ? own
            : whole;
    }

    /// <summary>The incident in force of the highest rate, whatever its services.</summary>
    public IncidentScope? FindAny(long now) => First(_any, now);

    /// <summary>The incident of the highest rate that holds this span: the one found by service, or one that asks for attributes which the span has.</summary>
    public IncidentScope? Highest(IncidentScope? byService, in SpanWalker span, long now)
    {
        foreach (var (scope, services, match) in _conditional)
        {
            if (byService is not null && byService.Stamp.Rate >= scope.Stamp.Rate)
            {
                break;
            }

            if (now < scope.ExpiresAt && (services.Count == 0 || services.Contains(span.ServiceHash)) && match.Holds(span.Span, span.Resource))
            {
                return scope;
            }
        }

        return byService;
    }

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
