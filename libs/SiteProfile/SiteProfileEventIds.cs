namespace StellaOps.Telemetry.SiteProfile;

/// <summary>Event ids 1390 to 1399: one id means one event.</summary>
public static class SiteProfileEventIds
{
    /// <summary>The profile is in force.</summary>
    public const int InForce = 1390;

    /// <summary>It was refused, and what was in force stays.</summary>
    public const int Refused = 1391;
}
