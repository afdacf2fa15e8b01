using StellaOps.Telemetry.Contracts.Promotions;

namespace StellaOps.Telemetry.IngestGateway.Promotion;

/// <summary>Copies everything the log holds of a tenant's window to the archive, sampled or not.</summary>
internal interface IPromoter
{
    /// <summary>Waits until the window is settled, copies, and tells what was written. Idempotent by the request's id.</summary>
    Task<PromotionAck> PromoteAsync(PromotionRequest request, CancellationToken cancellationToken);
}
