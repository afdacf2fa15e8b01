namespace StellaOps.Telemetry.Contracts;

/// <summary>Keys and channels in Redis (architecture.md: Formats, Redis). Every value is a DSSE envelope unless said otherwise.</summary>
public static class KnownRedis
{
    /// <summary>Hash: incident id to <see cref="Incidents.IncidentMessage"/>.</summary>
    public const string ActiveIncidents = "stella:incidents:active";

    /// <summary>Channel of the same messages.</summary>
    public const string IncidentChannel = "stella:incidents";

    /// <summary>Hash: gateway id to <see cref="Incidents.IncidentUsageReport"/>.</summary>
    public const string IncidentUsage = "stella:incidents:usage";

    /// <summary>Hash: promotion id to <see cref="Promotions.PromotionRequest"/>.</summary>
    public const string Promotions = "stella:promotions";

    /// <summary>Channel of the same messages.</summary>
    public const string PromotionChannel = "stella:promotions";

    /// <summary>Hash: gateway id to <see cref="Gateways.GatewayHeartbeat"/> (plain JSON, advisory only).</summary>
    public const string Gateways = "stella:gateways";

    /// <summary>Hash: gateway id to <see cref="Promotions.PromotionAck"/> of one promotion; expires with it.</summary>
    public static string PromotionAcks(string promotionId) => "stella:promotions:acks:" + promotionId;
}
