using System.Text.Json.Serialization;

namespace StellaOps.Telemetry.Profiles.Signing;

/// <summary>Types of the three statements about a closure.</summary>
public static class PredicateTypes
{
    /// <summary>Somebody wrote it.</summary>
    public const string Profile = "https://stella-ops.org/telemetry/profile/v1";

    /// <summary>Somebody else approved it, or broke the glass for it.</summary>
    public const string Approval = "https://stella-ops.org/telemetry/approval/v1";

    /// <summary>It is to be in force from now on.</summary>
    public const string Deployment = "https://stella-ops.org/telemetry/deployment/v1";
}

/// <summary>What every statement says of the closure it is about.</summary>
internal interface IClosurePredicate
{
    string Profile { get; }

    long Version { get; }

    /// <summary>Null when the values are lawful by themselves.</summary>
    string? Fault { get; }
}

/// <summary>The author's statement.</summary>
/// <param name="Hash">What the closure resolves to (<see cref="Hashing.ProfileHash"/>).</param>
public sealed record ProfilePredicate(
    [property: JsonConverter(typeof(Rfc3339UtcConverter))] DateTimeOffset AuthoredAt, string Hash, string? Overlay, string Profile, long Version) : IClosurePredicate
{
    string? IClosurePredicate.Fault => null;
}

/// <summary>An approver's statement.</summary>
/// <param name="BreakGlass">Null for an approval; else it waives approvals and the floor instead.</param>
public sealed record ApprovalPredicate(
    [property: JsonConverter(typeof(Rfc3339UtcConverter))] DateTimeOffset ApprovedAt, BreakGlass? BreakGlass, string? Comment, string Profile, long Version) : IClosurePredicate
{
    string? IClosurePredicate.Fault =>
        BreakGlass is { Reason: var reason } && (string.IsNullOrWhiteSpace(reason) || reason.Length > SigningLimits.MaxTextLength) ? $"whoever breaks the glass gives a reason of 1 to {SigningLimits.MaxTextLength} characters"
        : Comment?.Length > SigningLimits.MaxTextLength ? $"the comment has more than {SigningLimits.MaxTextLength} characters"
        : null;
}

/// <summary>Why the rules were waived.</summary>
public sealed record BreakGlass(string Reason);

/// <summary>The rollout key's statement.</summary>
/// <param name="Counter">From 1; rises with every deployment of any profile in the fleet.</param>
/// <param name="Floor">The lowest version of this profile that may be deployed from now on; 0 and 1 forbid none.</param>
/// <param name="Reason">Why, in a person's words; null for none.</param>
/// <param name="Rollout">The rollout's id.</param>
public sealed record DeploymentPredicate(
    long Counter, long Floor, [property: JsonConverter(typeof(Rfc3339UtcConverter))] DateTimeOffset IssuedAt, string Profile, string? Reason, string Rollout, long Version) : IClosurePredicate
{
    string? IClosurePredicate.Fault =>
        Counter is < 1 or > SigningLimits.MaxNumber ? $"{Counter} is no counter: they begin at 1"
        : Floor is < 0 or > SigningLimits.MaxNumber ? $"{Floor} is no floor: name a version, or 0"
        : Reason?.Length > SigningLimits.MaxTextLength ? $"the reason has more than {SigningLimits.MaxTextLength} characters"
        : Rollout.Length is 0 or > SigningLimits.MaxTextLength ? "the rollout has no id"
        : null;
}
