using System.Text.Json.Serialization;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Contracts.Captures;

/// <summary>Where a capture job stands.</summary>
public enum CaptureState
{
    [JsonStringEnumMemberName("queued")]
    Queued,

    [JsonStringEnumMemberName("running")]
    Running,

    [JsonStringEnumMemberName("succeeded")]
    Succeeded,

    [JsonStringEnumMemberName("failed")]
    Failed,

    [JsonStringEnumMemberName("cancelled")]
    Cancelled,
}

/// <summary>Body of <c>POST /api/v1/captures</c>: the window is by accepted-at, [from, to).</summary>
/// <param name="Services">Only records whose resource has one of these <c>service.name</c>s; null or empty: all.</param>
/// <param name="TraceId">Only records of this trace (32 hex digits).</param>
/// <param name="IncidentId">Named in the provenance.</param>
/// <param name="MaxContentBytes">Fails the capture rather than sort more than this, uncompressed, copies included; null: the worker's limit, which it cannot exceed.</param>
/// <param name="MaxDurationSeconds">Fails the capture when it has not ended so long after a worker took it up; null: the worker's limit, which it cannot exceed.</param>
public sealed record CreateCaptureRequest(
    TenantId Tenant,
    DateTimeOffset From,
    DateTimeOffset To,
    IReadOnlyList<string>? Services = null,
    string? TraceId = null,
    string? IncidentId = null,
    long? MaxContentBytes = null,
    int? MaxDurationSeconds = null);

/// <summary>One capture job. Also the data of each event of <c>GET /api/v1/captures/{id}/events</c>.</summary>
/// <param name="Phase">What it does now: <c>promoting</c>, <c>reading</c>, <c>writing</c>, <c>signing</c>.</param>
/// <param name="Progress">0 to 1.</param>
/// <param name="Files">Names of the bundle's files once it succeeded, fetched from <c>GET /api/v1/captures/{id}/files/{name}</c>.</param>
/// <param name="Complete">Whether the bundle holds everything that gateways accepted of what was asked for, as far as their ledgers can tell; null until it succeeded.</param>
/// <param name="Incomplete">Why it does not.</param>
/// <param name="Version">Grows with every change.</param>
public sealed record CaptureResponse(
    string Id,
    TenantId Tenant,
    DateTimeOffset From,
    DateTimeOffset To,
    IReadOnlyList<string> Services,
    string? TraceId,
    string? IncidentId,
    CaptureState State,
    string? Phase,
    double Progress,
    string? Worker,
    string? Failure,
    string? BundleName,
    string? ArchiveHash,
    IReadOnlyDictionary<string, long> Records,
    IReadOnlyList<string> Gaps,
    IReadOnlyList<CaptureFile> Files,
    string RequestedBy,
    DateTimeOffset RequestedAt,
    DateTimeOffset? FinishedAt,
    bool? Complete = null,
    IReadOnlyList<string>? Incomplete = null,
    long? MaxContentBytes = null,
    int? MaxDurationSeconds = null,
    long Version = 0);

/// <summary>One file of a finished bundle.</summary>
public sealed record CaptureFile(string Name, long Bytes, string Sha256);
