using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Evidence.Sigstore;

/// <summary>Reads bundles, and refuses what <see cref="SigstoreBundle"/> says.</summary>
internal static class SigstoreBundleReader
{
    private const int MaxLogEntries = 32;

    public static bool TryRead(ReadOnlyMemory<byte> json, [NotNullWhen(true)] out SigstoreBundle? bundle, out string error)
    {
        bundle = null;
        if (json.Length > SigstoreBundle.MaxBytes)
        {
            error = $"a bundle has at most {SigstoreBundle.MaxBytes} bytes";
            return false;
        }

        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 16 });
            error = Read(document.RootElement, out bundle);
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

    private static string Read(JsonElement root, out SigstoreBundle? bundle)
    {
        bundle = null;
        if (!HasOnly(root, "mediaType", "verificationMaterial", "dsseEnvelope", "messageSignature")
            || !root.TryGetProperty("mediaType", out var media) || media.ValueKind != JsonValueKind.String || media.GetString() != SigstoreBundle.MediaType)
        {
            return $"not a Sigstore bundle of media type {SigstoreBundle.MediaType}, or one with unknown fields";
        }

        if (!root.TryGetProperty("verificationMaterial", out var material) || !HasOnly(material, "publicKey", "certificate", "tlogEntries", "timestampVerificationData"))
        {
            return "the bundle's verification material is neither a key's hint nor a certificate";
        }

        if (!TryReadSigner(material, out var hint, out var certificate, out var error)
            || !TryReadTimestamps(material, out var timestamps, out error)
            || !TryCountLogEntries(material, out var logEntries, out error))
        {
            return error;
        }

        var hasEnvelope = root.TryGetProperty("dsseEnvelope", out var envelopeJson);
        var hasMessage = root.TryGetProperty("messageSignature", out var messageJson);
        if (hasEnvelope == hasMessage)
        {
            return "a bundle has either a DSSE envelope or a message signature";
        }

        DsseEnvelope? envelope = null;
        SignedMessage? message = null;
        if (hasEnvelope ? !Dsse.TryParse(JsonMarshal.GetRawUtf8Value(envelopeJson), out envelope) : !TryReadMessage(messageJson, out message))
        {
            return hasEnvelope ? "the DSSE envelope is not one payload with one signature" : "the message signature is not a SHA2_256 digest and a signature";
        }

        bundle = new SigstoreBundle(hint, certificate, timestamps, logEntries, envelope, message);
        return "";
    }

    private static bool TryReadSigner(JsonElement material, out string? hint, out ReadOnlyMemory<byte>? certificate, out string error)
    {
        (hint, certificate, error) = (null, null, "");
        var hasKey = material.TryGetProperty("publicKey", out var publicKey);
        if (hasKey == material.TryGetProperty("certificate", out var certificateJson))
        {
            error = "a bundle has either a key's hint or a certificate";
            return false;
        }

        if (!hasKey)
        {
            if (!HasOnly(certificateJson, "rawBytes") || !certificateJson.TryGetProperty("rawBytes", out var raw) || !StrictBase64.TryRead(raw, out var der) || der.Length == 0)
            {
                error = "the bundle's certificate is not its bytes alone";
                return false;
            }

            certificate = der;
            return true;
        }

        if (!HasOnly(publicKey, "hint"))
        {
            error = "the bundle's verification material is not a key's hint";
            return false;
        }

        if (publicKey.TryGetProperty("hint", out var given))
        {
            if (given.ValueKind != JsonValueKind.String)
            {
                error = "the bundle's key hint is not text";
                return false;
            }

            hint = given.GetString() is { Length: > 0 } text ? text : null;
        }

        return true;
    }

    private static bool TryReadTimestamps(JsonElement material, out IReadOnlyList<ReadOnlyMemory<byte>> timestamps, out string error)
    {
        var found = new List<ReadOnlyMemory<byte>>();
        (timestamps, error) = (found, "");
        if (!material.TryGetProperty("timestampVerificationData", out var data))
        {
            return true;
        }

        error = $"the bundle's timestamps are not at most {SigstoreBundle.MaxTimestamps} RFC 3161 responses";
        if (!HasOnly(data, "rfc3161Timestamps"))
        {
            return false;
        }

        if (data.TryGetProperty("rfc3161Timestamps", out var list))
        {
            if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > SigstoreBundle.MaxTimestamps)
            {
                return false;
            }

            foreach (var item in list.EnumerateArray())
            {
                if (!HasOnly(item, "signedTimestamp") || !item.TryGetProperty("signedTimestamp", out var signed) || !StrictBase64.TryRead(signed, out var response))
                {
                    return false;
                }

                found.Add(response);
            }
        }

        error = "";
        return true;
    }

    private static bool TryCountLogEntries(JsonElement material, out int count, out string error)
    {
        (count, error) = (0, "");
        if (!material.TryGetProperty("tlogEntries", out var entries))
        {
            return true;
        }

        if (entries.ValueKind != JsonValueKind.Array || entries.GetArrayLength() > MaxLogEntries)
        {
            error = $"the bundle's log entries are not a list of at most {MaxLogEntries}";
            return false;
        }

        count = entries.GetArrayLength();
        return true;
    }

    private static bool TryReadMessage(JsonElement json, [NotNullWhen(true)] out SignedMessage? message)
    {
        message = null;
        if (!HasOnly(json, "messageDigest", "signature")
            || !json.TryGetProperty("signature", out var sig) || !StrictBase64.TryRead(sig, out var signature)
            || !json.TryGetProperty("messageDigest", out var md) || !HasOnly(md, "algorithm", "digest")
            || !md.TryGetProperty("algorithm", out var algorithm) || algorithm.ValueKind != JsonValueKind.String || algorithm.GetString() != "SHA2_256"
            || !md.TryGetProperty("digest", out var d) || !StrictBase64.TryRead(d, out var digest) || digest.Length != SHA256.HashSizeInBytes)
        {
            return false;
        }

        message = new SignedMessage(digest, signature);
        return true;
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
