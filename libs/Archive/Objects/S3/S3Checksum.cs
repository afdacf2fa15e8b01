using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.IO.Hashing;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;

namespace StellaOps.Telemetry.Archive.Objects.S3;

/// <summary>Checksums as S3 has them: in base64, and of an object in parts over the checksums of its parts.</summary>
/// <remarks>https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html</remarks>
internal static class S3Checksum
{
    [SuppressMessage("Security", "CA5351", Justification = "Content-MD5 guards against accidents of the way, for servers that know nothing else; nothing is trusted for it")]
    public static string Of(S3ChecksumKind kind, ReadOnlySpan<byte> bytes) => Convert.ToBase64String(kind switch
    {
        S3ChecksumKind.Sha256 => SHA256.HashData(bytes),
        S3ChecksumKind.Crc32 => BigEndian(Crc32.HashToUInt32(bytes)),
        _ => MD5.HashData(bytes),
    });

    public static void Give(PutObjectRequest request, S3ChecksumKind kind, string checksum)
    {
        (request.ChecksumSHA256, request.ChecksumCRC32, request.MD5Digest) = Fields(kind, checksum);
    }

    public static void Give(UploadPartRequest request, S3ChecksumKind kind, string checksum)
    {
        (request.ChecksumSHA256, request.ChecksumCRC32, request.MD5Digest) = Fields(kind, checksum);
    }

    public static PartETag Part(S3ChecksumKind kind, int number, string etag, string checksum)
    {
        var (sha256, crc32, _) = Fields(kind, checksum);
        return new PartETag(number, etag) { ChecksumSHA256 = sha256, ChecksumCRC32 = crc32 };
    }

    public static ChecksumAlgorithm? AlgorithmOf(S3ChecksumKind kind) => kind switch
    {
        S3ChecksumKind.Sha256 => ChecksumAlgorithm.SHA256,
        S3ChecksumKind.Crc32 => ChecksumAlgorithm.CRC32,
        _ => null,
    };

    /// <summary>CRC-32's bytes as S3 has them.</summary>
    public static byte[] BigEndian(uint crc)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, crc);
        return bytes;
    }

    private static (string? Sha256, string? Crc32, string? Md5) Fields(S3ChecksumKind kind, string checksum) => kind switch
    {
        S3ChecksumKind.Sha256 => (checksum, null, null),
        S3ChecksumKind.Crc32 => (null, checksum, null),
        _ => (null, null, checksum),
    };
}
