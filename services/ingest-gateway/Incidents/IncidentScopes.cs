using System.Collections.Immutable;
using StellaOps.Telemetry.Contracts.Incidents;

namespace StellaOps.Telemetry.IngestGateway.Incidents;

/// <summary>The incidents in force, as an immutable snapshot; expiry is judged by the reader against its own clock.</summary>
internal sealed record IncidentsModel(ImmutableArray<IncidentMessage> Active)
{
    public static readonly IncidentsModel None = new([]);
}

/// <summary>Where the sampler reads the incidents in force.</summary>
internal interface IIncidentScopes
{
    /// <summary>The latest snapshot.</summary>
    IncidentsModel Current { get; }

    /// <summary>Raised after <see cref="Current"/> changed, on the thread that changed it; handlers only signal.</summary>
    event Action? Changed;
}
