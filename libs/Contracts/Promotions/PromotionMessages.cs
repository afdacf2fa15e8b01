using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Contracts.Promotions;

/// <summary>
/// Asks every gateway to copy what its log holds of a tenant's window to the archive, sampled or not. A field of the hash
/// <see cref="KnownRedis.Promotions"/> and a message on <see cref="KnownRedis.PromotionChannel"/>, both as a DSSE envelope
/// (<see cref="PayloadType"/>) signed by the capture worker. Idempotent by <see cref="Id"/>.
/// </summary>
/// <param name="FromUnixNano">First accepted-at, inclusive, unix nanoseconds as decimal text.</param>
/// <param name="ToUnixNano">Last accepted-at, exclusive. A gateway waits until its own clock is past it, so the cut is settled.</param>
/// <param name="ExpiresAt">After this a gateway ignores the request.</param>
public sealed record PromotionRequest(
    string Id,
    TenantId Tenant,
    IReadOnlyList<Signal> Signals,
    string FromUnixNano,
    string ToUnixNano,
    DateTimeOffset RequestedAt,
    DateTimeOffset ExpiresAt)
{
    /// <summary>DSSE payload type.</summary>
    public const string PayloadType = "application/vnd.stella-ops.promotion.v1+json";
}

/// <summary>
/// A gateway's answer: field <c>gatewayId</c> of the hash <see cref="KnownRedis.PromotionAcks"/>, as a DSSE envelope signed by the gateway.
/// </summary>
/// <param name="Failure">Null when done; otherwise why not, which becomes a named gap.</param>
/// <param name="LogFromUnixNano">Accepted-at from which the log was complete; later than the request's from means that the recorder no longer reached back so far.</param>
/// <param name="Segments">Archive keys of the chunk manifests written for this promotion.</param>
/// <param name="Ledger">The ledger's rows of the minutes that the window touches.</param>
public sealed record PromotionAck(
    string PromotionId,
    string GatewayId,
    string? Failure,
    string? LogFromUnixNano,
    long Records,
    IReadOnlyList<string> Segments,
    IReadOnlyList<LedgerRow> Ledger,
    string ProfileHash)
{
    /// <summary>DSSE payload type.</summary>
    public const string PayloadType = "application/vnd.stella-ops.promotion-ack.v1+json";
}
