namespace StellaOps.Telemetry.Contracts.Profiles;

/// <summary>Body of <c>POST /api/v1/profiles/{name}/versions</c>. Both are base64 in JSON.</summary>
/// <param name="Closure">The source closure: canonical JSON of every document that resolving reads.</param>
/// <param name="Author">Sigstore bundle of the author's signature over it.</param>
public sealed record PublishProfileRequest(byte[] Closure, byte[] Author);

/// <summary>Body of <c>POST /api/v1/profiles/{name}/versions/{version}/approvals</c>.</summary>
/// <param name="Approval">Sigstore bundle of an approval statement; base64 in JSON.</param>
public sealed record ApproveProfileRequest(byte[] Approval);

/// <summary>A profile in <c>GET /api/v1/profiles</c>.</summary>
/// <param name="Approved">Whether the latest version has the approvals that it needs.</param>
/// <param name="DeployedVersion">The version of the newest deployment; null: never deployed.</param>
/// <param name="DeployedCounter">The counter of that deployment.</param>
/// <param name="Floor">The lowest version that may still be deployed; 0: none was ever set.</param>
/// <param name="Problem">Why the latest version is not given out: one of <see cref="KnownProfileProblems"/>; null: it is. Nothing else that stands here was signed then.</param>
/// <param name="ProblemDetail">What was found, and how to mend it.</param>
public sealed record ProfileResponse(
    string Name, long LatestVersion, bool Approved, long? DeployedVersion, long? DeployedCounter, long Floor, string? Problem = null, string? ProblemDetail = null);

/// <summary>One version of a profile, without its bytes.</summary>
/// <param name="Overlay">The environment whose overlay is part of it; null: none.</param>
/// <param name="Digest">Lower-case hex SHA-256 of the closure's bytes.</param>
/// <param name="Hash">Hash of the profile that it resolves to; what a gateway shows as its profile hash.</param>
/// <param name="Lineage">The profile and its parents, oldest last.</param>
/// <param name="Author">The person whose key signed it.</param>
/// <param name="ApprovalsNeeded">How many approvals of other people it needs before it may be deployed.</param>
public sealed record ProfileVersionResponse(
    string Profile,
    long Version,
    string? Overlay,
    string Digest,
    string Hash,
    IReadOnlyList<string> Lineage,
    string Author,
    string AuthorKeyId,
    DateTimeOffset AuthoredAt,
    string PublishedBy,
    DateTimeOffset PublishedAt,
    int ApprovalsNeeded,
    bool Approved,
    IReadOnlyList<ProfileApprovalResponse> Approvals);

/// <summary>One approval of a version.</summary>
/// <param name="Number">From 1, in the order of their upload.</param>
/// <param name="Person">Whose key signed it.</param>
/// <param name="UploadedBy">The token's subject.</param>
public sealed record ProfileApprovalResponse(int Number, string Person, string KeyId, DateTimeOffset ApprovedAt, string? Comment, string UploadedBy, DateTimeOffset UploadedAt);
