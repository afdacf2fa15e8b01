using System.Text.Json.Serialization;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Contracts.Holds;

/// <summary>Where a hold stands.</summary>
public enum HoldState
{
    /// <summary>What it covers is not deleted.</summary>
    [JsonStringEnumMemberName("active")]
    Active,

    /// <summary>Past its date, or released by somebody.</summary>
    [JsonStringEnumMemberName("released")]
    Released,
}

/// <summary>Body of <c>POST /api/v1/holds</c>: what a tenant sent in a window, by accepted-at, is not deleted while the hold is active.</summary>
/// <param name="From">Inclusive.</param>
/// <param name="To">Exclusive; null: the window is still growing, until the hold is closed.</param>
/// <param name="Services">Values of <c>service.name</c>; null or empty: all.</param>
/// <param name="Until">When a closed hold releases itself; null: a legal hold, which somebody has to release.</param>
/// <param name="IncidentId">The incident that asks for it.</param>
public sealed record CreateHoldRequest(
    TenantId Tenant,
    DateTimeOffset From,
    string Reason,
    DateTimeOffset? To = null,
    IReadOnlyList<string>? Services = null,
    DateTimeOffset? Until = null,
    string? IncidentId = null);

/// <summary>Body of <c>POST /api/v1/holds/{id}/close</c>: the window grows no more.</summary>
public sealed record CloseHoldRequest(DateTimeOffset To);

/// <summary>Body of <c>POST /api/v1/holds/{id}/release</c>.</summary>
public sealed record ReleaseHoldRequest(string Reason);

/// <summary>One hold.</summary>
/// <param name="PromotedAt">When what gateways' recorders held of its window had been copied to the archive; null: not yet.</param>
/// <param name="Gaps">What could not be copied any more, in words.</param>
public sealed record HoldResponse(
    string Id,
    TenantId Tenant,
    DateTimeOffset From,
    DateTimeOffset? To,
    IReadOnlyList<string> Services,
    DateTimeOffset? Until,
    string Reason,
    string? IncidentId,
    HoldState State,
    DateTimeOffset? PromotedAt,
    IReadOnlyList<string> Gaps,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    string? ReleasedBy,
    DateTimeOffset? ReleasedAt);
