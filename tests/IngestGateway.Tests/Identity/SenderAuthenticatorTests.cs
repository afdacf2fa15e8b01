using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.IngestGateway.Admission;
using StellaOps.Telemetry.IngestGateway.Identity;
using StellaOps.Telemetry.IngestGateway.Tests.TestServices;

namespace StellaOps.Telemetry.IngestGateway.Tests.Identity;

public sealed class SenderAuthenticatorTests : IDisposable
{
    private static readonly TenantId s_acme = TenantId.Parse("acme");
    private static readonly TenantId s_closed = TenantId.Parse("closed");
    private static readonly TenantId s_sealed = TenantId.Parse("sealed");

    private readonly Trusted _trusted = new(KnownKeyUses.GatewaySnapshot);
    private readonly ManualTime _time = new();
    private readonly FakeTokens _tokens = new();
    private readonly SnapshotState _snapshot;
    private readonly SenderAuthenticator _senders;
    private readonly (string KeyId, string Secret) _key = IngestKeyFormat.Create();
    private readonly (string KeyId, string Secret) _closedKey = IngestKeyFormat.Create();

    public SenderAuthenticatorTests()
    {
        _snapshot = new SnapshotState(_trusted.Store);
        _senders = new SenderAuthenticator(_snapshot, _tokens, _time, maxCachedTokens: 2);
    }

    public void Dispose() => _trusted.Dispose();

    [Fact]
    public async Task Authenticate_BeforeAnySnapshot_IsNotReady() =>
        Assert.Equal(IngestStatus.NotReady, (await AskAsync(_key.Secret)).Status);

    [Fact]
    public async Task Authenticate_IngestKey_GivesItsTenant()
    {
        Offer(1);

        Assert.Equal(new SenderIdentity(IngestStatus.Accepted, s_acme, null), await AskAsync(_key.Secret));
        Assert.Equal(IngestStatus.TenantDisabled, (await AskAsync(_closedKey.Secret)).Status);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(81)]
    public async Task Authenticate_IngestKeyWithOneCharacterChanged_IsRefused(int at)
    {
        Offer(1);
        var wrong = _key.Secret.ToCharArray();
        wrong[at] = wrong[at] == 'f' ? 'e' : 'f';

        Assert.Equal(IngestStatus.Unauthenticated, (await AskAsync(new string(wrong))).Status);
    }

    [Fact]
    public async Task Authenticate_RevokedOrExpiredKey_IsRefused()
    {
        Offer(1, keyExpires: _time.GetUtcNow().AddMinutes(1));
        Assert.Equal(IngestStatus.Accepted, (await AskAsync(_key.Secret)).Status);

        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(IngestStatus.Unauthenticated, (await AskAsync(_key.Secret)).Status);

        Offer(2, keyState: RegistrationState.Disabled);
        Assert.Equal(IngestStatus.Unauthenticated, (await AskAsync(_key.Secret)).Status);
    }

    [Fact]
    public async Task Authenticate_Token_IsJudgedOnceThenRemembered()
    {
        Offer(1);
        _tokens.Known["t"] = Writer(s_acme);

        Assert.Equal(s_acme, (await AskAsync("t")).Tenant);
        Assert.Equal(s_acme, (await AskAsync("t")).Tenant);
        Assert.Equal(1, _tokens.Asked);

        _time.Advance(TimeSpan.FromSeconds(31));
        await AskAsync("t");
        Assert.Equal(2, _tokens.Asked);
    }

    [Fact]
    public async Task Authenticate_RememberedToken_EndsWithItsExpiry()
    {
        Offer(1);
        _tokens.Known["t"] = Writer(s_acme) with { ExpiresAt = _time.GetUtcNow().AddSeconds(5) };
        await AskAsync("t");
        _tokens.Known.Clear();

        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(IngestStatus.Unauthenticated, (await AskAsync("t")).Status);
    }

    [Fact]
    public async Task Authenticate_RememberedToken_ObeysALaterSnapshot()
    {
        Offer(1);
        _tokens.Known["t"] = Writer(s_acme);
        await AskAsync("t");

        Offer(2, acme: RegistrationState.Disabled);
        Assert.Equal(IngestStatus.TenantDisabled, (await AskAsync("t")).Status);
    }

    [Fact]
    public async Task Authenticate_MoreTokensThanTheCap_StillAnswers()
    {
        Offer(1);
        for (var i = 0; i < 10; i++)
        {
            _tokens.Known[$"t{i}"] = Writer(s_acme);
            Assert.Equal(IngestStatus.Accepted, (await AskAsync($"t{i}")).Status);
        }

        Assert.Equal(10, _tokens.Asked);
    }

    [Fact]
    public async Task Authenticate_WrongTokens_EachHasItsStatus()
    {
        Offer(1);
        _tokens.Known["reader"] = Writer(s_acme) with { MayWrite = false };
        _tokens.Known["star"] = Writer(null) with { MayWrite = false, MayWriteIfSingle = true };
        _tokens.Known["stranger"] = Writer(TenantId.Parse("nobody"));

        Assert.Equal(IngestStatus.ScopeMissing, (await AskAsync("reader")).Status);
        Assert.Equal(IngestStatus.TenantNotSingle, (await AskAsync("star")).Status);
        Assert.Equal(IngestStatus.TenantUnknown, (await AskAsync("stranger")).Status);
        Assert.Equal(IngestStatus.Unauthenticated, (await AskAsync("unknown")).Status);
        Assert.Equal(IngestStatus.Unauthenticated, (await _senders.AuthenticateAsync(null, null, null, default)).Status);
        Assert.Equal(IngestStatus.Unauthenticated, (await _senders.AuthenticateAsync("Basic abc", null, null, default)).Status);
        Assert.Equal(IngestStatus.Unauthenticated, (await _senders.AuthenticateAsync("Bearer " + new string('a', 9000), null, null, default)).Status);
    }

    [Fact]
    public async Task Authenticate_Replay_NeedsItsOwnScopeAndAMark()
    {
        Offer(1);
        _tokens.Known["replay"] = Writer(s_sealed) with { MayWrite = false, MayReplay = true };
        _tokens.Known["star"] = Writer(null) with { MayReplay = true };
        _tokens.Known["writer"] = Writer(s_sealed);

        Assert.Equal("r/1", (await AskAsync("replay", "r/1")).ReplayMark);
        Assert.Equal(IngestStatus.ScopeMissing, (await AskAsync("replay")).Status);
        Assert.Equal(IngestStatus.TenantNotSingle, (await AskAsync("star", "r/1")).Status);
        Assert.Equal(IngestStatus.ReplayNotAllowed, (await AskAsync("writer", "r/1")).Status);
        Assert.Equal(IngestStatus.ReplayNotAllowed, (await AskAsync(_key.Secret, "r/1")).Status);
        Assert.Equal(IngestStatus.ReplayNotAllowed, (await AskAsync("replay", "")).Status);
        Assert.Equal(IngestStatus.ReplayNotAllowed, (await AskAsync("replay", "a\u00e9")).Status);
        Assert.Equal(IngestStatus.ReplayNotAllowed, (await AskAsync("replay", new string('x', 201))).Status);
        Assert.Equal(IngestStatus.ReplayNotAllowed, (await AskAsync("replay", "r")).Status);
    }

    [Fact]
    public async Task Authenticate_TenantOfTheOtherKind_IsRefused()
    {
        Offer(1);
        _tokens.Known["acme"] = Writer(s_acme) with { MayReplay = true };
        _tokens.Known["sealed"] = Writer(s_sealed) with { MayReplay = true };

        Assert.Equal(IngestStatus.Accepted, (await AskAsync("acme")).Status);
        Assert.Equal(IngestStatus.ReplayIntoLiveTenant, (await AskAsync("acme", "r/0")).Status);
        Assert.Equal(IngestStatus.Accepted, (await AskAsync("sealed", "r/0")).Status);
        Assert.Equal(IngestStatus.LiveIntoReplayTarget, (await AskAsync("sealed")).Status);
    }

    [Fact]
    public void Offer_OlderOrForeignSnapshot_ChangesNothing()
    {
        Assert.Equal(SnapshotOutcome.Taken, Offer(5));
        Assert.Equal(SnapshotOutcome.Unchanged, Offer(5));
        Assert.Equal(SnapshotOutcome.Older, Offer(4));
        Assert.Equal(5, _snapshot.Current!.Version);

        using var stranger = SigningKey.Create();
        var payload = JsonSerializer.SerializeToUtf8Bytes(Snapshot(6), ContractsJson.Default.GatewaySnapshot);
        Assert.Equal(SnapshotOutcome.Untrusted, _snapshot.Offer(Dsse.Sign(GatewaySnapshot.PayloadType, payload, stranger, withKeyId: true)));
        Assert.Equal(SnapshotOutcome.Malformed, _snapshot.Offer(Dsse.Sign(GatewaySnapshot.PayloadType, "{}"u8, _trusted.Key, withKeyId: true)));
        Assert.Equal(5, _snapshot.Current!.Version);
    }

    private async Task<SenderIdentity> AskAsync(string credential, string? replay = null) =>
        await _senders.AuthenticateAsync("Bearer " + credential, replay, null, default);

    private SnapshotOutcome Offer(long version, RegistrationState keyState = RegistrationState.Active, DateTimeOffset? keyExpires = null, RegistrationState acme = RegistrationState.Active) =>
        _snapshot.Offer(Dsse.Sign(
            GatewaySnapshot.PayloadType,
            JsonSerializer.SerializeToUtf8Bytes(Snapshot(version, keyState, keyExpires, acme), ContractsJson.Default.GatewaySnapshot),
            _trusted.Key,
            withKeyId: true));

    private GatewaySnapshot Snapshot(long version, RegistrationState keyState = RegistrationState.Active, DateTimeOffset? keyExpires = null, RegistrationState acme = RegistrationState.Active) => new(
        GatewaySnapshot.SchemaId,
        version,
        _time.GetUtcNow(),
        [new SnapshotTenant(s_acme, acme), new SnapshotTenant(s_closed, RegistrationState.Disabled), new SnapshotTenant(s_sealed, RegistrationState.Active, TenantKind.Replay)],
        [
            new SnapshotIngestKey(_key.KeyId, s_acme, IngestKeyFormat.Hash(_key.Secret), keyState, keyExpires),
            new SnapshotIngestKey(_closedKey.KeyId, s_closed, IngestKeyFormat.Hash(_closedKey.Secret), RegistrationState.Active, null),
        ]);

    private JudgedToken Writer(TenantId? tenant) => new(tenant, MayWrite: true, MayWriteIfSingle: false, MayReplay: false, _time.GetUtcNow().AddHours(1));

    private sealed class FakeTokens : ITokenJudge
    {
        public Dictionary<string, JudgedToken> Known { get; } = [];

        public int Asked { get; private set; }

        public Task<JudgedToken?> JudgeAsync(string token, CancellationToken cancellationToken)
        {
            Asked++;
            return Task.FromResult(Known.GetValueOrDefault(token));
        }
    }
}
