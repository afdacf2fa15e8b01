using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Replays;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Admission;

namespace StellaOps.Telemetry.IngestGateway.Identity;

/// <summary>
/// Tells who sends, from the credentials alone (certificate, token, ingest key): nothing else that a sender writes can name a tenant. Tokens
/// and keys are known by the SHA-256 of their text, so the cache holds no secret and a look-up tells nothing by its time.
/// </summary>
internal sealed class SenderAuthenticator(SnapshotState snapshot, ITokenJudge tokens, TimeProvider time, int maxCachedTokens)
{
    private const string Scheme = "Bearer ";
    private const int MaxCredentialLength = 8 * 1024;

    // Bounds how long a token outlives its issuer's key being taken back.
    private static readonly TimeSpan s_cacheFor = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<CredentialHash, CachedToken> _tokens = new();

    /// <param name="authorization">Value of the <c>authorization</c> header; null when there is none, empty when there is more than one.</param>
    /// <param name="replay">Value of <see cref="KnownHeaders.Replay"/>; null when there is none.</param>
    /// <param name="peer">The connection's certificate; null when there is none.</param>
    public ValueTask<SenderIdentity> AuthenticateAsync(string? authorization, string? replay, PeerCertificate? peer, CancellationToken cancellationToken)
    {
        if (snapshot.Current is not { } model)
        {
            return Refuse(IngestStatus.NotReady);
        }

        if (peer is not null)
        {
            if (peer.Identity == CertificateIdentity.Refused)
            {
                return Refuse(IngestStatus.CertificateRefused);
            }

            if (!peer.IsGood)
            {
                return Refuse(IngestStatus.CertificateEnded);
            }

            if (authorization is null && peer.Tenant is { } named)
            {
                return replay is null ? new(OfTenant(model, named, null)) : Refuse(IngestStatus.ReplayNotAllowed);
            }
        }

        if (authorization is null || authorization.Length > MaxCredentialLength || !authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return Refuse(IngestStatus.Unauthenticated);
        }

        var credential = authorization.AsSpan(Scheme.Length).Trim(' ');
        var hash = CredentialHash.Of(credential);
        if (credential.StartsWith(IngestKeyFormat.Prefix, StringComparison.Ordinal))
        {
            return new(Bind(FromIngestKey(model, credential, hash, replay), peer));
        }

        return _tokens.TryGetValue(hash, out var cached) && time.GetUtcNow() < cached.GoodUntil
            ? new(Bind(FromToken(model, cached.Token, replay), peer))
            : JudgeAsync(model, credential.ToString(), hash, replay, peer, cancellationToken);
    }

    /// <summary>Two credentials have to name one tenant.</summary>
    private static SenderIdentity Bind(in SenderIdentity sender, PeerCertificate? peer) =>
        sender.Status == IngestStatus.Accepted && peer?.Tenant is { } certified && certified != sender.Tenant
            ? SenderIdentity.Refused(IngestStatus.TenantMismatch)
            : sender;

    private SenderIdentity FromIngestKey(SnapshotModel model, ReadOnlySpan<char> credential, in CredentialHash hash, string? replay)
    {
        Span<byte> digest = stackalloc byte[CredentialHash.Length];
        hash.CopyTo(digest);
        if (!IngestKeyFormat.TryGetKeyId(credential, out var keyId)
            || !model.TryGetKey(keyId, out var key)
            || !CryptographicOperations.FixedTimeEquals(digest, key!.SecretSha256)
            || !key.IsActive
            || key.ExpiresAt <= time.GetUtcNow())
        {
            return SenderIdentity.Refused(IngestStatus.Unauthenticated);
        }

        return replay is null ? OfTenant(model, key.Tenant, null) : SenderIdentity.Refused(IngestStatus.ReplayNotAllowed);
    }

    private async ValueTask<SenderIdentity> JudgeAsync(SnapshotModel model, string credential, CredentialHash hash, string? replay, PeerCertificate? peer, CancellationToken cancellationToken)
    {
        if (await tokens.JudgeAsync(credential, cancellationToken) is not { } token)
        {
            return SenderIdentity.Refused(IngestStatus.Unauthenticated);
        }

        var now = time.GetUtcNow();
        if (_tokens.Count >= maxCachedTokens)
        {
            DropStale(now);
        }

        if (_tokens.Count < maxCachedTokens)
        {
            var until = now + s_cacheFor;
            _tokens[hash] = new CachedToken(token, until < token.ExpiresAt ? until : token.ExpiresAt);
        }

        return Bind(FromToken(model, token, replay), peer);
    }

    private static SenderIdentity FromToken(SnapshotModel model, JudgedToken token, string? replay)
    {
        if (replay is not null && (!token.MayReplay || !ReplayMark.IsMark(replay)))
        {
            return SenderIdentity.Refused(IngestStatus.ReplayNotAllowed);
        }

        if (replay is null && !token.MayWrite)
        {
            return SenderIdentity.Refused(token.MayWriteIfSingle ? IngestStatus.TenantNotSingle : IngestStatus.ScopeMissing);
        }

        return token.Tenant is { } tenant ? OfTenant(model, tenant, replay) : SenderIdentity.Refused(IngestStatus.TenantNotSingle);
    }

    private static SenderIdentity OfTenant(SnapshotModel model, TenantId tenant, string? replay) => model.Find(tenant) switch
    {
        null => SenderIdentity.Refused(IngestStatus.TenantUnknown),
        { State: RegistrationState.Disabled } => SenderIdentity.Refused(IngestStatus.TenantDisabled),

        // Whoever holds replay:write may still have named the wrong tenant; and what a replay target holds is to be the replay and nothing else.
        { Kind: TenantKind.Live } when replay is not null => SenderIdentity.Refused(IngestStatus.ReplayIntoLiveTenant),
        { Kind: TenantKind.Replay } when replay is null => SenderIdentity.Refused(IngestStatus.LiveIntoReplayTarget),
        _ => new SenderIdentity(IngestStatus.Accepted, tenant, replay),
    };

    private void DropStale(DateTimeOffset now)
    {
        foreach (var (hash, cached) in _tokens)
        {
            if (cached.GoodUntil <= now)
            {
                _tokens.TryRemove(hash, out _);
            }
        }
    }

    private static ValueTask<SenderIdentity> Refuse(IngestStatus status) => new(SenderIdentity.Refused(status));

    private sealed record CachedToken(JudgedToken Token, DateTimeOffset GoodUntil);
}

/// <summary>SHA-256 of a credential's text.</summary>
internal readonly record struct CredentialHash(UInt128 High, UInt128 Low)
{
    public const int Length = SHA256.HashSizeInBytes;

    public static CredentialHash Of(ReadOnlySpan<char> credential)
    {
        Span<byte> digest = stackalloc byte[Length];
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(credential.Length));
        var count = Encoding.UTF8.GetBytes(credential, bytes);
        SHA256.HashData(bytes.AsSpan(0, count), digest);
        bytes.AsSpan(0, count).Clear();
        ArrayPool<byte>.Shared.Return(bytes);
        return new CredentialHash(
            BinaryPrimitives.ReadUInt128BigEndian(digest),
            BinaryPrimitives.ReadUInt128BigEndian(digest[16..]));
    }

    public void CopyTo(Span<byte> digest)
    {
        BinaryPrimitives.WriteUInt128BigEndian(digest, High);
        BinaryPrimitives.WriteUInt128BigEndian(digest[16..], Low);
    }
}
