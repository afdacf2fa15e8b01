using StellaOps.Telemetry.Contracts.Profiles;
using StellaOps.Telemetry.Evidence.Sigstore;
using StellaOps.Telemetry.Profiles.Signing;

namespace StellaOps.Telemetry.ProfileService.Versions;

/// <summary>A version whose stored bytes were judged just now: what people signed, and nothing else.</summary>
/// <param name="Statements">Every approval's bundle in the order of upload, those of keys that are no longer trusted included.</param>
/// <param name="Approvals">Those that are trusted now.</param>
internal sealed record StoredVersion(VersionRow Row, JudgedVersion Judged, IReadOnlyList<byte[]> Statements, IReadOnlyList<StoredApproval> Approvals, ApprovalCount Count)
{
    public ProfileVersionResponse ToResponse() => new(
        Judged.Closure.Profile,
        Judged.Closure.Version,
        Judged.Closure.Overlay,
        Judged.Closure.Digest,
        Judged.Predicate.Hash,
        Judged.Resolution.Lineage,
        Judged.Author,
        KeyIdOf(Row.Author),
        Judged.Predicate.AuthoredAt,
        Row.PublishedBy,
        new DateTimeOffset(Row.PublishedAt, TimeSpan.Zero),
        Count.Needed,
        Count.IsEnough,
        [.. Approvals.Select(a => a.ToResponse())]);

    /// <summary>Of a bundle that was judged, so it can be read.</summary>
    public static string KeyIdOf(byte[] bundle) => SigstoreBundle.TryParse(bundle, out var parsed, out _) ? parsed.KeyId ?? "" : "";
}

/// <summary>An approval whose stored bytes were judged just now.</summary>
internal sealed record StoredApproval(ApprovalRow Row, JudgedApproval Judged)
{
    public ProfileApprovalResponse ToResponse() => new(
        Row.Number,
        Judged.Person,
        StoredVersion.KeyIdOf(Row.Approval),
        Judged.Predicate.ApprovedAt,
        Judged.Predicate.Comment,
        Row.UploadedBy,
        new DateTimeOffset(Row.UploadedAt, TimeSpan.Zero));
}
