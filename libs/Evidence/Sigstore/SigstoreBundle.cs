using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Time;

namespace StellaOps.Telemetry.Evidence.Sigstore;

/// <summary>
/// A Sigstore bundle v0.3 (https://github.com/sigstore/protobuf-specs/blob/v0.4.1/protos/sigstore_bundle.proto), signed by a key or by a
/// certificate's, over either a DSSE envelope or a file's digest. Reading is as strict as cosign's: unknown and duplicate fields, a byte order
/// mark and trailing bytes are refused, and so is any other form, the legacy one too, which could carry a key of its own.
/// </summary>
public sealed class SigstoreBundle
{
    /// <summary>The one media type that is written and read.</summary>
    public const string MediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";

    /// <summary>The longest bundle that is read.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>The most timestamps that are read.</summary>
    public const int MaxTimestamps = 16;

    internal SigstoreBundle(string? hint, ReadOnlyMemory<byte>? certificate, IReadOnlyList<ReadOnlyMemory<byte>> timestamps, int logEntries, DsseEnvelope? envelope, SignedMessage? message)
    {
        (KeyHint, Certificate, Timestamps, LogEntries, Envelope, Message) = (hint, certificate, timestamps, logEntries, envelope, message);
    }

    /// <summary>Base64 of the SHA-256 of the signer's SubjectPublicKeyInfo, as the bundle claims.</summary>
    public string? KeyHint { get; }

    /// <summary>The id of the key that the bundle claims; null when the hint is none of ours.</summary>
    public string? KeyId => KeyHint is { } hint && Convert.TryFromBase64String(hint, new byte[hint.Length], out var length) && length == SHA256.HashSizeInBytes
        ? Convert.ToHexStringLower(Convert.FromBase64String(hint))
        : null;

    /// <summary>The signer's certificate (DER); null when a key signed.</summary>
    public ReadOnlyMemory<byte>? Certificate { get; }

    /// <summary>RFC 3161 responses (DER) that stand beside the signature, not judged.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Timestamps { get; }

    /// <summary>Entries of a transparency log that the bundle brings along. Nothing here judges them.</summary>
    public int LogEntries { get; }

    /// <summary>The DSSE envelope; null when the bundle signs a file's digest.</summary>
    public DsseEnvelope? Envelope { get; }

    /// <summary>The signed digest; null when the bundle holds an envelope.</summary>
    public SignedMessage? Message { get; }

    /// <summary>The signature (DER), which timestamps are about.</summary>
    public ReadOnlyMemory<byte> Signature => Envelope?.Signature ?? Message!.Signature;

    /// <summary>Signs a statement.</summary>
    public static byte[] SignStatement(Statement statement, SigningKey key) => SigstoreBundleWriter.Write(SignedBy(statement, key, null));

    /// <summary>Signs a statement, with the signer's certificate and a time where it has them.</summary>
    /// <exception cref="TimestampException">The signer has a timestamp authority that gave no time.</exception>
    public static async Task<byte[]> SignStatementAsync(Statement statement, SigstoreSigner signer, CancellationToken cancellationToken)
    {
        var plain = SignedBy(statement, signer.Key, signer.Certificate?.RawDataMemory);
        return await signer.StampAsync(plain, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Signs a file by its digest.</summary>
    public static byte[] SignMessage(ReadOnlySpan<byte> sha256, SigningKey key) => SigstoreBundleWriter.Write(SignedBy(sha256.ToArray(), key, null));

    /// <summary>As <see cref="SignMessage"/>, with the signer's certificate and a time where it has them.</summary>
    /// <exception cref="TimestampException">The signer has a timestamp authority that gave no time.</exception>
    public static async Task<byte[]> SignMessageAsync(ReadOnlyMemory<byte> sha256, SigstoreSigner signer, CancellationToken cancellationToken)
    {
        var plain = SignedBy(sha256.ToArray(), signer.Key, signer.Certificate?.RawDataMemory);
        return await signer.StampAsync(plain, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads a bundle without judging its signature.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> json, [NotNullWhen(true)] out SigstoreBundle? bundle, out string error) => SigstoreBundleReader.TryRead(json, out bundle, out error);

    /// <summary>Whether the bundle's signature over its DSSE envelope is this key's.</summary>
    public bool IsStatementSignedBy(VerificationKey key) => Certificate is null && HintFits(key) && IsStatementSignedByKeyOf(key);

    /// <summary>Whether the bundle is this key's signature of the file with this digest.</summary>
    public bool IsMessageSignedBy(ReadOnlySpan<byte> sha256, VerificationKey key) => Certificate is null && HintFits(key) && IsMessageSignedByKeyOf(sha256, key);

    /// <summary>
    /// Whether the text is, to the byte, what this library writes for the bundle: JSON has many ways to say the same, and in evidence one is enough.
    /// </summary>
    public bool IsWrittenAs(ReadOnlySpan<byte> json) =>
        LogEntries == 0 && Envelope?.KeyId is null && Timestamps.All(TimestampResponse.IsPlain) && json.SequenceEqual(SigstoreBundleWriter.Write(this));

    /// <summary>As <see cref="IsStatementSignedBy"/>, whoever the bundle claims to be by.</summary>
    internal bool IsStatementSignedByKeyOf(VerificationKey key) => Envelope is { } envelope && envelope.IsSignedBy(key);

    /// <summary>As <see cref="IsMessageSignedBy"/>, whoever the bundle claims to be by.</summary>
    internal bool IsMessageSignedByKeyOf(ReadOnlySpan<byte> sha256, VerificationKey key) =>
        Message is { } message && sha256.SequenceEqual(message.Sha256.Span) && key.VerifyDigest(sha256, message.Signature.Span);

    internal SigstoreBundle With(ReadOnlyMemory<byte> timestamp) => new(KeyHint, Certificate, [.. Timestamps, timestamp], LogEntries, Envelope, Message);

    private bool HintFits(VerificationKey key) => KeyHint is null || KeyHint == HintOf(key);

    private static SigstoreBundle SignedBy(Statement statement, SigningKey key, ReadOnlyMemory<byte>? certificate)
    {
        var payload = statement.ToJson();
        var signature = key.Sign(Dsse.PreAuthenticationEncoding(Statement.PayloadType, payload));
        return new SigstoreBundle(certificate is null ? HintOf(key.Public) : null, certificate, [], 0, new DsseEnvelope(Statement.PayloadType, payload, null, signature), null);
    }

    private static SigstoreBundle SignedBy(byte[] sha256, SigningKey key, ReadOnlyMemory<byte>? certificate) =>
        new(certificate is null ? HintOf(key.Public) : null, certificate, [], 0, null, new SignedMessage(sha256, key.SignDigest(sha256)));

    /// <summary>What a bundle of the key's says of it.</summary>
    internal static string HintOf(VerificationKey key) => Convert.ToBase64String(SHA256.HashData(key.SubjectPublicKeyInfo.Span));
}

/// <summary>A signed digest.</summary>
/// <param name="Signature">DER.</param>
public sealed record SignedMessage(ReadOnlyMemory<byte> Sha256, ReadOnlyMemory<byte> Signature);
