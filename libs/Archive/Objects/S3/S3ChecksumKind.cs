namespace StellaOps.Telemetry.Archive.Objects.S3;

/// <summary>What the server checks an upload by, before it stores it.</summary>
public enum S3ChecksumKind
{
    /// <summary><c>x-amz-checksum-sha256</c>; kept with the object, and checked when it is read.</summary>
    Sha256,

    /// <summary><c>x-amz-checksum-crc32</c>; kept with the object, and checked when it is read.</summary>
    Crc32,

    /// <summary><c>Content-MD5</c>, for servers that know no other: nothing to check by is kept.</summary>
    Md5,
}
