using Amazon.S3;

namespace StellaOps.Telemetry.Archive.Objects.S3;

/// <summary>Server-side encryption: what is asked for, and whether the server says that it does it.</summary>
internal static class S3Encryption
{
    public static ServerSideEncryptionMethod? MethodOf(S3Options options) => options.ServerSideEncryption switch
    {
        "AES256" => ServerSideEncryptionMethod.AES256,
        "aws:kms" => ServerSideEncryptionMethod.AWSKMS,
        _ => null,
    };

    public static string? KeyIdOf(S3Options options) => string.IsNullOrEmpty(options.KmsKeyId) ? null : options.KmsKeyId;

    /// <summary>Servers that know no encryption store what they get in the clear, and answer as if nothing were amiss.</summary>
    public static string? FaultOf(S3Options options, ServerSideEncryptionMethod? answered) => MethodOf(options) is not { } asked || asked.Value == answered?.Value
        ? null
        : $"was not encrypted as {Contracts.KnownEnvironment.ArchiveS3}ServerSideEncryption={options.ServerSideEncryption} asks: the server answers '{answered?.Value}'";
}
