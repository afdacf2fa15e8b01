namespace StellaOps.Telemetry.Contracts;

/// <summary>Stable <c>type</c> values of RFC 9457 problem details.</summary>
public static class KnownProblems
{
    private const string Base = "https://stella-ops.org/telemetry/problems/";

    public const string Unauthenticated = Base + "unauthenticated";
    public const string ScopeMissing = Base + "scope-missing";
    public const string TenantNotAllowed = Base + "tenant-not-allowed";
    public const string Validation = Base + "validation";
    public const string NotFound = Base + "not-found";
    public const string Conflict = Base + "conflict";
    public const string PreconditionFailed = Base + "precondition-failed";
    public const string Unavailable = Base + "unavailable";
    public const string Internal = Base + "internal";
}
