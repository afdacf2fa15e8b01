using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.IngestGateway.Ledger;

/// <summary>What became of the records that this gateway accepted.</summary>
internal interface ILedger
{
    /// <summary>The rows of the minutes that the window touches, ordered by minute, tenant and signal.</summary>
    /// <param name="tenant">Null: all tenants.</param>
    IReadOnlyList<LedgerRow> Query(TenantId? tenant, long fromUnixNano, long toUnixNano);
}
