using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Evidence.Sigstore;

/// <summary>
/// A Sigstore bundle v0.3 signed by a key (https://github.com/sigstore/protobuf-specs/blob/v0.4.1/protos/sigstore_bundle.proto):
/// either a DSSE envelope or the signature of a file's digest. Reading is as strict as cosign's: unknown and duplicate fields, a byte order
/// mark and trailing bytes are refused, and so is any other form, which could carry a key of its own.
/// </summary>
public sealed class SigstoreBundle
{
    /// <summary>The one media type that is written and read.</summary>
    public const string MediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";

    /// <summary>The longest bundle that is read.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    private SigstoreBundle(string? hint, DsseEnvelope? envelope, (byte[] Digest, byte[] Signature)? message)
    {
        (KeyHint, Envelope, _message) = (hint, envelope, message);
    }

    private readonly (byte[] Digest, byte[] Signature)? _message;

    /// <summary>Base64 of the SHA-256 of the signer's SubjectPublicKeyInfo, as the bundle claims.</summary>
    public string? KeyHint { get; }

    /// <summary>The id of the key that the bundle claims; null when the hint is none of ours.</summary>
    public string? KeyId => KeyHint is { } hint && Convert.TryFromBase64String(hint, new byte[hint.Length], out var length) && length == SHA256.HashSizeInBytes
        ? Convert.ToHexStringLower(Convert.FromBase64String(hint))
        : null;

    /// <summary>The DSSE envelope; null when the bundle signs a file's digest.</summary>
    public DsseEnvelope? Envelope { get; }

    /// <summary>Signs a statement.</summary>
    public static byte[] SignStatement(Statement statement, SigningKey key)
    {
        var envelope = Dsse.Sign(Statement.PayloadType, statement.ToJson(), key, withKeyId: false);
        return Write(key, json =>
        {
            json.WritePropertyName("dsseEnvelope"u8);
            json.WriteRawValue(envelope);
        });
    }

    /// <summary>Signs a file by its digest.</summary>
    public static byte[] SignMessage(ReadOnlySpan<byte> sha256, SigningKey key)
    {
        var digest = sha256.ToArray();
        var signature = key.SignDigest(sha256);
        return Write(key, json =>
        {
            json.WriteStartObject("messageSignature"u8);
            json.WriteStartObject("messageDigest"u8);
            json.WriteString("algorithm"u8, "SHA2_256"u8);
            json.WriteBase64String("digest"u8, digest);
            json.WriteEndObject();
            json.WriteBase64String("signature"u8, signature);
            json.WriteEndObject();
        });
    }

    /// <summary>Reads a bundle without judging its signature.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> json, [NotNullWhen(true)] out SigstoreBundle? bundle, out string error)
    {
        bundle = null;
        if (json.Length > MaxBytes)
        {
            error = $"a bundle has at most {MaxBytes} bytes";
            return false;
        }

        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 16 });
            error = Parse(document.RootElement, out bundle);
            return bundle is not null;
        }
        catch (JsonException e)
        {
            error = $"not JSON: {e.Message}";
            return false;
        }
        catch (InvalidOperationException)
        {
            error = "a string is not Unicode";
            return false;
        }
    }

    /// <summary>Whether the bundle's signature over its DSSE envelope is this key's.</summary>
    public bool IsStatementSignedBy(VerificationKey key) => Envelope is { } envelope && HintFits(key) && envelope.IsSignedBy(key);

    /// <summary>Whether the bundle is this key's signature of the file with this digest.</summary>
    public bool IsMessageSignedBy(ReadOnlySpan<byte> sha256, VerificationKey key) =>
        _message is var (digest, signature) && HintFits(key) && sha256.SequenceEqual(digest) && key.VerifyDigest(sha256, signature);

    private bool HintFits(VerificationKey key) => KeyHint is null || KeyHint == HintOf(key);

    private static string HintOf(VerificationKey key) => Convert.ToBase64String(SHA256.HashData(key.SubjectPublicKeyInfo.Span));

    private static byte[] Write(SigningKey key, Action<Utf8JsonWriter> content)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("mediaType"u8, MediaType);
        json.WriteStartObject("verificationMaterial"u8);
        json.WriteStartObject("publicKey"u8);
        json.WriteString("hint"u8, HintOf(key.Public));
        json.WriteEndObject();
        json.WriteEndObject();
        content(json);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static string Parse(JsonElement root, out SigstoreBundle? bundle)
    {
        bundle = null;
        if (!HasOnly(root, "mediaType", "verificationMaterial", "dsseEnvelope", "messageSignature")
            || !root.TryGetProperty("mediaType", out var media) || media.ValueKind != JsonValueKind.String || media.GetString() != MediaType)
        {
            return $"not a Sigstore bundle of media type {MediaType}, or one with unknown fields";
        }

        // tlogEntries and timestampVerificationData only add to a key's signature; what they would prove is not judged here.
        if (!root.TryGetProperty("verificationMaterial", out var material) || !HasOnly(material, "publicKey", "tlogEntries", "timestampVerificationData")
            || !material.TryGetProperty("publicKey", out var publicKey) || !HasOnly(publicKey, "hint"))
        {
            return "the bundle's verification material is not a key's hint";
        }

        string? hint = null;
        if (publicKey.TryGetProperty("hint", out var given))
        {
            if (given.ValueKind != JsonValueKind.String)
            {
                return "the bundle's key hint is not text";
            }

            hint = given.GetString() is { Length: > 0 } text ? text : null;
        }

        var hasEnvelope = root.TryGetProperty("dsseEnvelope", out var envelopeJson);
        var hasMessage = root.TryGetProperty("messageSignature", out var messageJson);
        if (hasEnvelope == hasMessage)
        {
            return "a bundle has either a DSSE envelope or a message signature";
        }

        if (hasEnvelope)
        {
            if (!Dsse.TryParse(JsonMarshal.GetRawUtf8Value(envelopeJson), out var envelope))
            {
                return "the DSSE envelope is not one payload with one signature";
            }

            bundle = new SigstoreBundle(hint, envelope, null);
            return "";
        }

        if (!HasOnly(messageJson, "messageDigest", "signature")
            || !messageJson.TryGetProperty("signature", out var sig) || !StrictBase64.TryRead(sig, out var signature)
            || !messageJson.TryGetProperty("messageDigest", out var md) || !HasOnly(md, "algorithm", "digest")
            || !md.TryGetProperty("algorithm", out var algorithm) || algorithm.ValueKind != JsonValueKind.String || algorithm.GetString() != "SHA2_256"
            || !md.TryGetProperty("digest", out var d) || !StrictBase64.TryRead(d, out var digest) || digest.Length != 32)
        {
            return "the message signature is not a SHA2_256 digest and a signature";
        }

        bundle = new SigstoreBundle(hint, null, (digest, signature));
        return "";
    }

    private static bool HasOnly(JsonElement element, params ReadOnlySpan<string> names)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        foreach (var property in element.EnumerateObject())
        {
            if (!names.Contains(property.Name))
            {
                return false;
            }
        }

        return true;
    }
}
