using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.CaptureWorker.Promotion;

/// <summary>What is to be copied from gateways' recorders to the archive.</summary>
/// <param name="Id">Names the request: of a job or a hold.</param>
internal sealed record PromotionWindow(string Id, TenantId Tenant, long FromUnixNano, long ToUnixNano);
