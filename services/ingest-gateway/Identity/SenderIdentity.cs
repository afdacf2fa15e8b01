using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Admission;

namespace StellaOps.Telemetry.IngestGateway.Identity;

/// <summary>Who sends: the one source of a batch's tenant.</summary>
/// <param name="Status"><see cref="IngestStatus.Accepted"/>, or why the sender is refused.</param>
internal readonly record struct SenderIdentity(IngestStatus Status, TenantId Tenant, string? ReplayMark)
{
    public static SenderIdentity Refused(IngestStatus status) => new(status, default, null);
}
