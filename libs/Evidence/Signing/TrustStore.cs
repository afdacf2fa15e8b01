using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Trust;

namespace StellaOps.Telemetry.Evidence.Signing;

/// <summary>The keys of a <see cref="TrustDocument"/>, ready to judge messages.</summary>
public sealed class TrustStore
{
    private readonly FrozenDictionary<string, (TrustedKey Entry, VerificationKey Key)> _keys;

    /// <exception cref="CryptographicException">A key is not P-256, or its id is not the digest of it.</exception>
    public TrustStore(TrustDocument document)
    {
        _keys = document.Keys.ToFrozenDictionary(k => k.KeyId, k =>
        {
            var key = VerificationKey.FromPem(k.PublicKeyPem);
            return key.KeyId == k.KeyId
                ? (k, key)
                : throw new CryptographicException($"trust file: key '{k.Name}' has the id {key.KeyId}, not {k.KeyId}");
        });
    }

    /// <summary>Reads a trust file.</summary>
    /// <exception cref="CryptographicException">The file is not a trust document.</exception>
    public static TrustStore Load(string path)
    {
        using var file = File.OpenRead(path);
        try
        {
            return JsonSerializer.Deserialize(file, ContractsJson.Default.TrustDocument) is { Schema: TrustDocument.SchemaId } document
                ? new TrustStore(document)
                : throw new CryptographicException($"'{path}' is not a trust file of schema {TrustDocument.SchemaId}");
        }
        catch (JsonException e)
        {
            throw new CryptographicException($"'{path}' is not a trust file: {e.Message}", e);
        }
    }

    /// <summary>All keys that may sign for a use.</summary>
    public IEnumerable<(string Name, VerificationKey Key)> KeysFor(string use) =>
        _keys.Values.Where(k => k.Entry.Uses.Contains(use)).Select(k => (k.Entry.Name, k.Key));

    /// <summary>
    /// Opens a signed message: the envelope must name a key that may sign for this use, be of this payload type, and bear that key's signature.
    /// </summary>
    /// <param name="use">One of <see cref="KnownKeyUses"/>.</param>
    public bool TryOpen(ReadOnlySpan<byte> json, string payloadType, string use, out ReadOnlyMemory<byte> payload, [NotNullWhen(true)] out string? signer)
    {
        payload = default;
        signer = null;
        if (!Dsse.TryParse(json, out var envelope)
            || envelope.PayloadType != payloadType
            || envelope.KeyId is not { } keyId
            || !_keys.TryGetValue(keyId, out var trusted)
            || !trusted.Entry.Uses.Contains(use)
            || !envelope.IsSignedBy(trusted.Key))
        {
            return false;
        }

        payload = envelope.Payload;
        signer = trusted.Entry.Name;
        return true;
    }
}
