using System.Buffers.Text;
using System.Text;

namespace StellaOps.Telemetry.Evidence.Signing;

/// <summary>cosign's <c>.sig</c> file: padded base64 of the DER signature, and nothing else.</summary>
public static class PlainSignature
{
    /// <summary>The longest file that is read: a DER P-256 signature has at most 72 bytes, so 96 characters.</summary>
    public const int MaxBytes = 128;

    /// <summary>Signs a file by its digest.</summary>
    public static byte[] Sign(ReadOnlySpan<byte> sha256, SigningKey key) => Encoding.ASCII.GetBytes(Convert.ToBase64String(key.SignDigest(sha256)));

    /// <summary>Whether the <c>.sig</c> file's content is this key's over the file with this digest.</summary>
    public static bool Verify(ReadOnlySpan<byte> sha256, ReadOnlySpan<byte> signature, VerificationKey key)
    {
        Span<byte> der = stackalloc byte[MaxBytes];
        return signature.Length <= MaxBytes
            && Base64.DecodeFromUtf8(signature, der, out var consumed, out var written) == System.Buffers.OperationStatus.Done
            && consumed == signature.Length
            && signature.SequenceEqual(Encoding.ASCII.GetBytes(Convert.ToBase64String(der[..written])))
            && key.VerifyDigest(sha256, der[..written]);
    }
}
