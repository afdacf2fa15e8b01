using System.Net;

namespace StellaOps.Telemetry.Egress;

/// <summary>Turns names into addresses.</summary>
public interface IHostResolver
{
    /// <summary>The addresses of a name, best first; none, or an exception of the system's, when there are none.</summary>
    Task<IPAddress[]> ResolveAsync(string name, CancellationToken cancellationToken);
}

/// <summary>Asks the operating system.</summary>
public sealed class SystemHostResolver : IHostResolver
{
    /// <inheritdoc/>
    public Task<IPAddress[]> ResolveAsync(string name, CancellationToken cancellationToken) => Dns.GetHostAddressesAsync(name, cancellationToken);
}
