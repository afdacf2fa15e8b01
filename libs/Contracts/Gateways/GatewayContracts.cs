using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Contracts.Gateways;

/// <summary>A gateway's heartbeat: field <c>gatewayId</c> of the hash <see cref="KnownRedis.Gateways"/>.</summary>
/// <param name="EarliestAcceptedAt">Accepted-at of the oldest record still in its log, unix nanoseconds; null when the log is empty.</param>
public sealed record GatewayHeartbeat(string GatewayId, DateTimeOffset StartedAt, DateTimeOffset LastSeenAt, string? AdminUrl, string? EarliestAcceptedAt);

/// <summary>Answer of <c>GET /api/v1/gateways/self</c>.</summary>
/// <param name="SpillBytes">Copied aside for exporters that lag behind the log.</param>
/// <param name="Trouble">Why batches are refused, or soon will be; null when all is well.</param>
/// <param name="ProfileFaults">Why a changed profile was not taken over; empty when the one in force is the newest.</param>
/// <param name="Deployment">The deployment that the profile came by; null when it is the machine's own file.</param>
/// <param name="RefusedDeployment">The last deployment that was refused; null once a later one is in force.</param>
public sealed record GatewayStatusResponse(
    string GatewayId,
    string Profile,
    string ProfileHash,
    string RedactionPolicy,
    string Durability,
    long SnapshotVersion,
    double RecorderSpanSeconds,
    long LogBytes,
    long NextSequence,
    long UndecidedRecords,
    double SamplingPercent,
    IReadOnlyList<string> ActiveIncidents,
    IReadOnlyList<ExporterStatus> Exporters,
    IReadOnlyList<string> ProfileFaults,
    long SpillBytes = 0,
    string? Trouble = null,
    DeploymentResponse? Deployment = null,
    DeploymentRefusalResponse? RefusedDeployment = null);

/// <summary>One exporter's cursor.</summary>
/// <param name="Circuit"><c>closed</c>, <c>open</c> (its target failed and is left alone for a while) or <c>half_open</c> (one request tries it); null where there is no breaker.</param>
public sealed record ExporterStatus(string Name, string Kind, long PendingRecords, double OldestPendingSeconds, string? LastError, string? Circuit = null);

/// <summary>
/// One row of the ledger: what became of the records that a gateway accepted for a tenant and signal in one minute of acceptance.
/// accepted = kept + sampledOut + dropped (by reason) + undecided.
/// </summary>
/// <param name="Minute">The minute of acceptance: unix seconds, a multiple of 60.</param>
public sealed record LedgerRow(
    long Minute,
    TenantId Tenant,
    Signal Signal,
    long Accepted,
    long Kept,
    long SampledOut,
    IReadOnlyDictionary<string, long> Dropped,
    long Undecided);

/// <summary>Answer of <c>GET /api/v1/gateways/self/ledger?tenant=&amp;from=&amp;to=</c>.</summary>
public sealed record LedgerResponse(string GatewayId, IReadOnlyList<LedgerRow> Rows);

/// <summary>Answer of <c>GET /api/v1/gateways/self/traces/{traceId}?tenant=</c>.</summary>
/// <param name="Decision"><c>undecided</c>, <c>kept</c> or <c>sampled_out</c>.</param>
/// <param name="Policy">The policy that decided; null while undecided.</param>
public sealed record TraceDecisionResponse(string TraceId, TenantId Tenant, string Decision, string? Policy);
