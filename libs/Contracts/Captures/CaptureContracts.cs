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
}

/// <summary>Body of <c>POST /api/v1/captures</c>: the window is by accepted-at, [from, to).</summary>
/// <param name="Services">Only records whose resource has one of these <c>service.name</c>s; null or empty: all.</param>
/// <param name="TraceId">Only records of this trace (32 hex digits).</param>
/// <param name="IncidentId">Named in the provenance.</param>
public sealed record CreateCaptureRequest(
    TenantId Tenant,
    DateTimeOffset From,
    DateTimeOffset To,
    IReadOnlyList<string>? Services = null,
    string? TraceId = null,
    string? IncidentId = null);

/// <summary>One capture job.</summary>
/// <param name="Phase">What it does now: <c>promoting</c>, <c>reading</c>, <c>sorting</c>, <c>writing</c>, <c>signing</c>.</param>
/// <param name="Progress">0 to 1.</param>
/// <param name="Files">Names of the bundle's files once it succeeded, fetched from <c>GET /api/v1/captures/{id}/files/{name}</c>.</param>
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
    DateTimeOffset? FinishedAt);

/// <summary>One file of a finished bundle.</summary>
public sealed record CaptureFile(string Name, long Bytes, string Sha256);
