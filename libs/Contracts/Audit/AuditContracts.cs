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

/// <summary>Answer of <c>GET /api/v1/audit/verify</c>: the chain of hashes recomputed from its first row.</summary>
/// <param name="Entries">Rows that were checked.</param>
/// <param name="LastHash">Hash of the last good row: who wrote it down before can tell whether rows were cut off the end.</param>
/// <param name="BrokenAt">Sequence at which the chain breaks; null when it holds.</param>
public sealed record AuditVerificationResponse(bool Intact, long Entries, string LastHash, long? BrokenAt, string? Failure);
