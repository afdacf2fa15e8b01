using Microsoft.Extensions.Options;
using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.ServiceDefaults.Auth;

namespace StellaOps.Telemetry.IngestGateway.Fleet;

/// <summary>Makes the agent's connections: by the gateway's one dialer, with its own token.</summary>
internal sealed class FleetConnections(EgressDialer dialer, IOptions<StellaAuthOptions> auth) : IDisposable
{
    public HttpMessageInvoker Http { get; } = new(new ServiceTokenHandler(auth) { InnerHandler = dialer.CreateHandler() });

    public void Dispose() => Http.Dispose();
}
