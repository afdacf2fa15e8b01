using StellaOps.Telemetry.IngestGateway.Identity;

namespace StellaOps.Telemetry.IngestGateway.Listeners;

/// <summary>Which listener a connection came in by.</summary>
internal enum OtlpListenerKind
{
    Grpc,
    Http,
}

/// <summary>
/// Set on every connection of an OTLP listener and on no other: so OTLP is answered on its own ports alone, and the API on none of them,
/// whatever port numbers were given.
/// </summary>
/// <param name="Peer">The sender's certificate; null where it showed none.</param>
internal sealed record OtlpListenerFeature(OtlpListenerKind Kind, PeerCertificate? Peer);
