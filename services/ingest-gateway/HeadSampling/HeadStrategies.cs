using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Configuration;
using StellaOps.Telemetry.IngestGateway.Incidents;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.HeadSampling;

/// <summary>
/// What services are told to begin: the profile's rate, or an incident's where that is higher. An incident is judged by this gateway's own clock,
/// so it ends here without anybody saying so.
/// </summary>
internal sealed class HeadStrategies : IProfileFollower, IDisposable
{
    private readonly IIncidentScopes _incidents;
    private readonly TimeProvider _time;
    private volatile HeadSamplingSettings _head;
    private volatile HeadScopes _scopes;

    public HeadStrategies(GatewaySettings first, IIncidentScopes incidents, TimeProvider time)
    {
        (_incidents, _time, _head) = (incidents, time, first.Sampling.Head);
        _scopes = new HeadScopes(incidents.Current);
        _incidents.Changed += Changed.Pulse;
    }

    /// <summary>Pulsed after profile or incidents changed.</summary>
    public PulseSignal Changed { get; } = new();

    public HeadSamplingSettings Head => _head;

    /// <summary>Of the incidents as they are now; two callers may both make it when those have changed.</summary>
    public HeadScopes Scopes
    {
        get
        {
            var scopes = _scopes;
            if (!ReferenceEquals(scopes.Model, _incidents.Current))
            {
                _scopes = scopes = new HeadScopes(_incidents.Current);
            }

            return scopes;
        }
    }

    public HeadStrategy Of(TenantId tenant, string service) => new(_head.Of(tenant.Value, service), Scopes.Find(tenant, service, _time.GetUtcNow()));

    public IEnumerable<string> FaultsOf(GatewaySettings current, GatewaySettings next) => [];

    public void Apply(GatewaySettings next)
    {
        _head = next.Sampling.Head;
        Changed.Pulse();
    }

    public void Dispose() => _incidents.Changed -= Changed.Pulse;
}
