using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Contracts.Replays;

/// <summary>Answer of <c>GET /api/v1/gateways/self/replays/{replayId}?tenant=</c>: what a gateway took of one replay. A batch that came twice counts once.</summary>
/// <param name="Batches">Batches taken.</param>
/// <param name="Repeated">Times that a batch came again, was answered as taken and was not logged, since the gateway's start.</param>
/// <param name="Signals">By signal, those with records only.</param>
public sealed record ReplayResponse(
    string GatewayId,
    TenantId Tenant,
    string ReplayId,
    DateTimeOffset FirstAcceptedAt,
    DateTimeOffset LastAcceptedAt,
    long Batches,
    long Repeated,
    IReadOnlyList<ReplaySignalResponse> Signals);

/// <summary>One signal of a replay.</summary>
/// <param name="Records">Spans, log records or data points.</param>
public sealed record ReplaySignalResponse(Signal Signal, long Batches, long Records);
