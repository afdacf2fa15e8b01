using StellaOps.Telemetry.Contracts.Captures;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.CaptureWorker.Jobs;

/// <summary>A job as it stands in <c>capture.jobs</c>.</summary>
internal sealed record CaptureJob(
    string Id,
    TenantId Tenant,
    long FromUnixNano,
    long ToUnixNano,
    IReadOnlyList<string> Services,
    string? TraceId,
    string? IncidentId,
    CaptureState State,
    string? Phase,
    double Progress,
    string? Worker,
    int Attempt,
    string? Failure,
    string? BundleName,
    string? ArchiveHash,
    IReadOnlyDictionary<string, long> Records,
    IReadOnlyList<string> Gaps,
    IReadOnlyList<CaptureFile> Files,
    string RequestedBy,
    DateTimeOffset RequestedAt,
    DateTimeOffset? FinishedAt,
    long Version,
    DateTimeOffset? StartedAt,
    long? MaxContentBytes,
    int? MaxDurationSeconds,
    IReadOnlyList<string>? Incomplete)
{
    /// <summary>Whether nothing will change any more.</summary>
    public bool HasEnded => State is CaptureState.Succeeded or CaptureState.Failed or CaptureState.Cancelled;

    public CaptureResponse ToResponse() => new(
        Id,
        Tenant,
        UnixNano.ToTime(FromUnixNano),
        UnixNano.ToTime(ToUnixNano),
        Services,
        TraceId,
        IncidentId,
        State,
        Phase,
        Progress,
        Worker,
        Failure,
        BundleName,
        ArchiveHash,
        Records,
        Gaps,
        Files,
        RequestedBy,
        RequestedAt,
        FinishedAt,
        Incomplete is null ? null : Incomplete.Count == 0,
        Incomplete,
        MaxContentBytes,
        MaxDurationSeconds,
        Version);
}

/// <summary>What a finished job leaves behind.</summary>
internal sealed record CaptureResult(
    string BundleName,
    string ArchiveHash,
    IReadOnlyDictionary<string, long> Records,
    IReadOnlyList<string> Gaps,
    IReadOnlyList<string> Incomplete,
    IReadOnlyList<CaptureFile> Files);
