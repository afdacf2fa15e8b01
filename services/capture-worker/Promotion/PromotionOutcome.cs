using StellaOps.Telemetry.Contracts.Promotions;

namespace StellaOps.Telemetry.CaptureWorker.Promotion;

/// <summary>What the gateways answered.</summary>
/// <param name="Acks">By gateway id, failures included.</param>
/// <param name="Silent">Gateways that did not answer.</param>
/// <param name="Gaps">What may be missing from the archive, in words.</param>
internal sealed record PromotionOutcome(IReadOnlyDictionary<string, PromotionAck> Acks, IReadOnlyList<string> Silent, IReadOnlyList<string> Gaps);
