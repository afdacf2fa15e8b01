using Microsoft.AspNetCore.Http;

namespace StellaOps.Telemetry.ServiceDefaults;

/// <summary>What a service says of itself when it takes the defaults.</summary>
public sealed class StellaServiceDefaultsOptions
{
    /// <summary>Name in telemetry and audit; one of <see cref="Contracts.KnownServices"/>.</summary>
    public required string ServiceName { get; init; }

    /// <summary>Requests of which to make a span; probes and scrapes never are.</summary>
    public Func<HttpContext, bool> TraceRequest { get; set; } = _ => true;
}
