using System.Text.Json.Serialization;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Contracts.Archive;

/// <summary>Where a scrub stands.</summary>
public enum ScrubState
{
    /// <summary>Waits for a worker.</summary>
    [JsonStringEnumMemberName("queued")]
    Queued,

    /// <summary>A worker reads.</summary>
    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>Everything was looked at; whether something is wrong is in the report.</summary>
    [JsonStringEnumMemberName("succeeded")]
    Succeeded,

    /// <summary>Given up.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,
}

/// <summary>Body of <c>POST /api/v1/archive/scrubs</c>.</summary>
/// <param name="Tenant">Null: every one that the token is good for.</param>
/// <param name="From">First day (UTC), inclusive; null: the first there is.</param>
/// <param name="To">Last day, inclusive; null: the last there is.</param>
public sealed record StartScrubRequest(TenantId? Tenant = null, DateOnly? From = null, DateOnly? To = null);

/// <summary>One scrub.</summary>
/// <param name="DoneBytes">Stored bytes that were passed, of <paramref name="TotalBytes"/>.</param>
/// <param name="Report">Of what was looked at so far.</param>
public sealed record ScrubResponse(
    string Id,
    TenantId? Tenant,
    DateOnly? From,
    DateOnly? To,
    ScrubState State,
    long DoneBytes,
    long TotalBytes,
    ScrubReport Report,
    string? Failure,
    string RequestedBy,
    DateTimeOffset RequestedAt,
    DateTimeOffset? FinishedAt);
