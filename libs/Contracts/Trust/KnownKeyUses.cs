namespace StellaOps.Telemetry.Contracts.Trust;

/// <summary>What a key may sign.</summary>
public static class KnownKeyUses
{
    public const string GatewaySnapshot = "gateway-snapshot";
    public const string Incident = "incident";
    public const string Promotion = "promotion";
    public const string PromotionAck = "promotion-ack";
    public const string Bundle = "bundle";

    /// <summary>What was taken from the archive (tombstones) and what was in it (day roots), by the capture worker.</summary>
    public const string Archive = "archive";

    /// <summary>An Offline Kit, and the pieces of one.</summary>
    public const string Kit = "kit";

    /// <summary>What incidents keep, by a gateway.</summary>
    public const string IncidentUsage = "incident-usage";

    /// <summary>A version of a profile, by whoever wrote it.</summary>
    public const string ProfileAuthor = "profile-author";

    /// <summary>That a version may be deployed, by somebody who did not write it.</summary>
    public const string ProfileApproval = "profile-approval";

    /// <summary>That a version is to be in force from now on.</summary>
    public const string ProfileDeployment = "profile-deployment";

    /// <summary>That a version may be deployed without approvals and below the floor.</summary>
    public const string ProfileBreakGlass = "profile-break-glass";

    /// <summary>The uses of keys that are somebody's.</summary>
    public static IReadOnlyList<string> OfPeople { get; } = [ProfileAuthor, ProfileApproval, ProfileBreakGlass];

    /// <summary>Every use.</summary>
    public static IReadOnlyList<string> All { get; } =
        [GatewaySnapshot, Incident, IncidentUsage, Promotion, PromotionAck, Archive, Bundle, ProfileAuthor, ProfileApproval, ProfileDeployment, ProfileBreakGlass, Kit];
}
