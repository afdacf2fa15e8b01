namespace StellaOps.Telemetry.Tests.Shared.S3;

/// <summary>The servers that tests of a bucket run against; neither is ours.</summary>
public enum S3ServerKind
{
    /// <summary>moto: answers as AWS does, keeps objects in memory, takes any credentials, and judges no body by its checksum.</summary>
    Moto,

    /// <summary><c>rclone serve s3</c>: judges signatures and <c>Content-MD5</c>, keeps objects as files, knows neither encryption nor other checksums.</summary>
    Rclone,
}
