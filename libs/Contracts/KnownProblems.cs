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
    public const string MethodNotAllowed = Base + "method-not-allowed";
    public const string UnsupportedMediaType = Base + "unsupported-media-type";
    public const string PayloadTooLarge = Base + "payload-too-large";
    public const string TooManyRequests = Base + "too-many-requests";

    /// <summary>A signature, a key, an approval or the profile itself was judged and refused; <c>refusal</c> says which.</summary>
    public const string Refused = Base + "refused";

    /// <summary>What the database holds is not what was signed: it is not given out.</summary>
    public const string Tampered = Base + "tampered";

    /// <summary>An <c>Idempotency-Key</c> came back with another body.</summary>
    public const string IdempotencyMismatch = Base + "idempotency-mismatch";

    /// <summary>The request was one that cannot be served as it stands, for a reason of none of the other types.</summary>
    public const string BadRequest = Base + "bad-request";
    public const string Unavailable = Base + "unavailable";
    public const string Internal = Base + "internal";
}
