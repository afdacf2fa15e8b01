using StellaOps.Telemetry.Archive.Tests.TestServices;

namespace StellaOps.Telemetry.Archive.Tests.Objects.S3;

/// <summary>Small objects by one request.</summary>
public sealed class S3ObjectStoreTests(SharedS3 shared) : S3Conformance(shared)
{
    protected override long? MultipartFrom => null;
}

/// <summary>Every object in parts.</summary>
public sealed class S3ObjectStoreInPartsTests(SharedS3 shared) : S3Conformance(shared)
{
    protected override long? MultipartFrom => 0;
}
