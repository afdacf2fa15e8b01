namespace StellaOps.Telemetry.Contracts.Audit;

/// <summary>One row of <c>audit.entries</c>, newest first in <c>GET /api/v1/audit</c>.</summary>
/// <param name="Hash">Lower-case hex; covers this row and the previous row's hash, so a changed or missing row is found.</param>
public sealed record AuditEntryResponse(
    long Sequence,
    DateTimeOffset At,
    string Service,
    string Actor,
    string Action,
    string? Tenant,
    string Target,
    string? Detail,
    string PreviousHash,
    string Hash);

/// <summary>A page of anything, with the cursor of the next one.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor);
