using System.Text.Json.Serialization;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Contracts.Gateways;

/// <summary>What a store refused for good. An item of <c>GET /api/v1/gateways/self/dead-letters?tenant=&amp;exporter=&amp;cursor=&amp;limit=</c>.</summary>
/// <param name="Reason">The store's.</param>
/// <param name="At">When it was refused.</param>
/// <param name="IsResendable">False for what a partial success refused: the store does not say which records.</param>
public sealed record DeadLetterResponse(
    string Id, string Exporter, TenantId Tenant, Signal Signal, int Records, string Reason, DateTimeOffset At, bool IsResendable);

/// <summary>Body of <c>POST /api/v1/gateways/self/dead-letters/resend</c>.</summary>
/// <param name="Ids">At most 1000.</param>
public sealed record ResendDeadLettersRequest(IReadOnlyList<string> Ids);

/// <summary>What became of each, in the order asked for.</summary>
public sealed record ResendDeadLettersResponse(IReadOnlyList<DeadLetterResend> Results);

/// <summary>What became of one resend. Only what was taken is removed.</summary>
/// <param name="Records">Records that the store took now.</param>
/// <param name="Reason">The store's, where it did not take all.</param>
public sealed record DeadLetterResend(string Id, DeadLetterOutcome Outcome, int Records, string? Reason);

/// <summary>Of a resend.</summary>
public enum DeadLetterOutcome
{
    /// <summary>The store took it; the letter is removed.</summary>
    [JsonStringEnumMemberName("accepted")]
    Accepted,

    /// <summary>The store took part of it; the rest stays as a letter that cannot be sent again.</summary>
    [JsonStringEnumMemberName("partial")]
    Partial,

    /// <summary>Refused again; the letter stays.</summary>
    [JsonStringEnumMemberName("refused")]
    Refused,

    /// <summary>The store cannot take it now; the letter stays.</summary>
    [JsonStringEnumMemberName("unavailable")]
    Unavailable,

    /// <summary>There is nothing to send, or nobody to send it.</summary>
    [JsonStringEnumMemberName("not_resendable")]
    NotResendable,

    /// <summary>There is no such letter (any more).</summary>
    [JsonStringEnumMemberName("gone")]
    Gone,
}
