namespace StellaOps.Telemetry.IngestGateway;

/// <summary>Event ids 2000 to 2099 (the pipeline behind the log has 2100 to 2199): one id means one event.</summary>
internal static class EventIds
{
    public const int ProfileInForce = 2000;
    public const int RequestFailed = 2001;
    public const int ProfileRefused = 2002;
    public const int ProfileUnreadable = 2003;
    public const int TlsInForce = 2004;
    public const int TlsRefused = 2005;
    public const int DeploymentInForce = 2006;
    public const int DeploymentRefused = 2007;
    public const int GlassBroken = 2008;
    public const int LastDeploymentUnusable = 2009;
    public const int SnapshotTaken = 2010;
    public const int SnapshotRefused = 2011;
    public const int SnapshotUnreachable = 2012;
    public const int SnapshotStoredUnreadable = 2013;
    public const int SnapshotNotStored = 2014;
    public const int RedisUnreachable = 2020;
    public const int RedisReachable = 2021;
    public const int MessageRefused = 2022;
    public const int PromotionRefused = 2023;
    public const int IncidentChanged = 2030;
    public const int IncidentEnded = 2031;
    public const int IncidentsNotStored = 2032;
    public const int PromotionTaken = 2040;
    public const int PromotionAnswered = 2041;
    public const int PromotionFailed = 2042;
    public const int FleetIdentityNotKept = 2050;
    public const int FleetInPlaintext = 2051;
}
