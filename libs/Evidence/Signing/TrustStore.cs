using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Identity;
using StellaOps.Telemetry.Evidence.Sigstore;

namespace StellaOps.Telemetry.Evidence.Signing;

/// <summary>The keys of a <see cref="TrustDocument"/>, ready to judge messages.</summary>
public sealed class TrustStore
{
    private readonly FrozenDictionary<string, (TrustedKey Entry, VerificationKey Key)> _keys;
    private readonly IReadOnlyList<AuthorityChain> _timestampAuthorities;
    private readonly IReadOnlyList<AuthorityChain> _certificateAuthorities;
    private readonly IReadOnlyList<TrustedIdentity> _identities;
    private readonly TimeProvider _time;

    /// <param name="time">Says which keys are valid now; null for the machine's clock.</param>
    /// <exception cref="CryptographicException">
    /// A key is not P-256, stands twice, has an id that is not the digest of it, ends before it begins, or lacks the person its use needs; an
    /// authority is no chain up to a root.
    /// </exception>
    public TrustStore(TrustDocument document, TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        if (document.Keys.CountBy(k => k.KeyId).FirstOrDefault(k => k.Value > 1) is { Key: { } twice })
        {
            throw new CryptographicException($"trust file: key {twice} stands there twice: keep one entry with all its uses");
        }

        if (document.Keys.FirstOrDefault(k => k.ValidUntil < k.ValidFrom) is { } inverted)
        {
            throw new CryptographicException($"trust file: key '{inverted.Name}' is valid {ValidityOf(inverted)}, which is never");
        }

        Profiles = document.Profiles;
        _timestampAuthorities = [.. (document.TimestampAuthorities ?? []).Select(AuthorityChain.Of)];
        _certificateAuthorities = [.. (document.CertificateAuthorities ?? []).Select(AuthorityChain.Of)];
        _identities = document.Identities ?? [];
        _keys = document.Keys.ToFrozenDictionary(k => k.KeyId, k =>
        {
            var key = VerificationKey.FromPem(k.PublicKeyPem);
            if (key.KeyId != k.KeyId)
            {
                throw new CryptographicException($"trust file: key '{k.Name}' has the id {key.KeyId}, not {k.KeyId}");
            }

            return k.Person is { Length: > 0 } || k.Uses.FirstOrDefault(KnownKeyUses.OfPeople.Contains) is not { } use
                ? (k, key)
                : throw new CryptographicException($"trust file: key '{k.Name}' has the use '{use}' and no person: say whose it is");
        });
    }

    /// <summary>What deployed profiles have to fulfil; null for the built-in rules alone.</summary>
    public ProfileTrust? Profiles { get; }

    /// <summary>Reads a trust file.</summary>
    /// <exception cref="CryptographicException">The file is not a trust document.</exception>
    public static TrustStore Load(string path, TimeProvider? time = null)
    {
        using var file = File.OpenRead(path);
        try
        {
            return JsonSerializer.Deserialize(file, ContractsJson.Default.TrustDocument) is { Schema: TrustDocument.SchemaId } document
                ? new TrustStore(document, time)
                : throw new CryptographicException($"'{path}' is not a trust file of schema {TrustDocument.SchemaId}");
        }
        catch (JsonException e)
        {
            throw new CryptographicException($"'{path}' is not a trust file: {e.Message}", e);
        }
    }

    /// <summary>All keys that may sign for a use now.</summary>
    public IEnumerable<(string Name, VerificationKey Key)> KeysFor(string use) =>
        _keys.Values.Where(k => k.Entry.Uses.Contains(use) && IsValidNow(k.Entry)).Select(k => (k.Entry.Name, k.Key));

    /// <summary>
    /// Everybody who may ever have signed for a use, with the times that count, for who can tell when that was: <see cref="SignatureJudge"/>.
    /// </summary>
    public SignerTrust SignersFor(string use) => new()
    {
        Keys = [.. _keys.Values.Where(k => k.Entry.Uses.Contains(use)).Select(k => new TrustedSigner(k.Key, k.Entry.Name, ValidityOf(k.Entry)))],
        Identities = [.. _identities.Where(i => i.Uses.Contains(use)).Select(i => new CertificateIdentity(i.Identity, i.Issuer))],
        CertificateAuthorities = _certificateAuthorities,
        TimestampAuthorities = _timestampAuthorities,
    };

    /// <summary>Whether the key counts now: what bears no trusted time is judged by that.</summary>
    public bool IsValidNow(TrustedKey entry) => ValidityOf(entry).Contains(_time.GetUtcNow());

    /// <summary>When a key counts.</summary>
    public static ValidityPeriod ValidityOf(TrustedKey entry) => new(entry.ValidFrom, entry.ValidUntil);

    /// <summary>The key with this id, whatever it may sign.</summary>
    public bool TryFind(string keyId, [NotNullWhen(true)] out TrustedKey? entry, [NotNullWhen(true)] out VerificationKey? key)
    {
        (entry, key) = _keys.TryGetValue(keyId, out var found) ? found : (null, null);
        return entry is not null;
    }

    /// <summary>
    /// Opens a signed message: the envelope must name a key that may sign for this use now, be of this payload type, and bear that key's signature.
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
            || !IsValidNow(trusted.Entry)
            || !envelope.IsSignedBy(trusted.Key))
        {
            return false;
        }

        payload = envelope.Payload;
        signer = trusted.Entry.Name;
        return true;
    }
}
