namespace StellaOps.Telemetry.ProfileService.Versions;

/// <summary>A version as it stands in the database: not judged.</summary>
internal sealed record VersionRow(string Profile, long Version, byte[] Closure, byte[] Author, string PublishedBy, DateTime PublishedAt)
{
    public const string Columns = "profile AS Profile, version AS Version, closure AS Closure, author AS Author, published_by AS PublishedBy, published_at AS PublishedAt";
}

/// <summary>An approval as it stands in the database: not judged.</summary>
internal sealed record ApprovalRow(string Profile, long Version, int Number, byte[] Approval, string UploadedBy, DateTime UploadedAt)
{
    public const string Columns = "profile AS Profile, version AS Version, number AS Number, approval AS Approval, uploaded_by AS UploadedBy, uploaded_at AS UploadedAt";
}
