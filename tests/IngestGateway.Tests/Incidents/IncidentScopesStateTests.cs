using System.Text;
using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.IngestGateway.Incidents;
using StellaOps.Telemetry.IngestGateway.Tests.TestServices;

namespace StellaOps.Telemetry.IngestGateway.Tests.Incidents;

public sealed class IncidentScopesStateTests : IDisposable
{
    private readonly Trusted _trusted = new(KnownKeyUses.Incident);
    private readonly ManualTime _time = new();
    private readonly IncidentScopesState _state;
    private int _changes;

    public IncidentScopesStateTests()
    {
        _state = new IncidentScopesState(_trusted.Store, _time, maxIncidents: 3);
        _state.Changed += () => _changes++;
    }

    public void Dispose() => _trusted.Dispose();

    [Fact]
    public void Apply_NewIncident_IsInForceAndRaisesChanged()
    {
        Assert.Equal(IncidentOutcome.Applied, Apply(Message("a", 1)));

        Assert.Equal("a", Assert.Single(_state.Current.Active).Id);
        Assert.Equal(1, _changes);
    }

    [Fact]
    public void Apply_SameOrLowerVersion_IsStale()
    {
        Apply(Message("a", 2));

        Assert.Equal(IncidentOutcome.Stale, Apply(Message("a", 2) with { SamplingRate = 0.1 }));
        Assert.Equal(IncidentOutcome.Stale, Apply(Message("a", 1, tombstone: true)));
        Assert.Equal(1.0, Assert.Single(_state.Current.Active).SamplingRate);
        Assert.Equal(1, _changes);
    }

    [Fact]
    public void Apply_TombstoneOfHigherVersion_EndsItAndForbidsItsReturn()
    {
        var first = Signed(Message("a", 1, minutes: 60));
        Apply(first);

        Assert.Equal(IncidentOutcome.Applied, Apply(Message("a", 2, tombstone: true, minutes: 1)));
        Assert.Empty(_state.Current.Active);

        _time.Advance(TimeSpan.FromMinutes(5));
        _state.Sweep();
        Assert.Equal(IncidentOutcome.Stale, Apply(first));
        Assert.Empty(_state.Current.Active);
    }

    [Fact]
    public void Apply_TombstoneSeenFirst_ForbidsTheOlderMessage()
    {
        Apply(Message("a", 2, tombstone: true, minutes: 0));
        _time.Advance(TimeSpan.FromMinutes(30));
        _state.Sweep();

        Assert.Equal(IncidentOutcome.Stale, Apply(Message("a", 1, minutes: 120)));
    }

    [Fact]
    public void Sweep_AfterExpiresAt_EndsItWithoutAnyMessage()
    {
        Apply(Message("a", 1, minutes: 10));
        Apply(Message("b", 1, minutes: 20));
        _time.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal(["a"], _state.Sweep());
        Assert.Equal("b", Assert.Single(_state.Current.Active).Id);
        Assert.Equal(3, _changes);
        Assert.Empty(_state.Sweep());
        Assert.Equal(3, _changes);
    }

    [Fact]
    public void Apply_Extension_KeepsItBeyondItsFirstEnd()
    {
        Apply(Message("a", 1, minutes: 10));
        Apply(Message("a", 2, minutes: 30));
        _time.Advance(TimeSpan.FromMinutes(15));

        Assert.Empty(_state.Sweep());
        Assert.Single(_state.Current.Active);
    }

    [Fact]
    public void Apply_AlreadyExpired_IsRefusedButEndsWhatIsInForce()
    {
        Assert.Equal(IncidentOutcome.Expired, Apply(Message("a", 1, minutes: -1)));

        Apply(Message("b", 1));
        Assert.Equal(IncidentOutcome.Applied, Apply(Message("b", 2, minutes: -1)));
        Assert.Empty(_state.Current.Active);
    }

    [Fact]
    public void Apply_AnotherKeyOrUseOrChangedByte_IsUntrusted()
    {
        var payload = JsonSerializer.SerializeToUtf8Bytes(Message("a", 1), ContractsJson.Default.IncidentMessage);
        using var stranger = SigningKey.Create();
        Assert.Equal(IncidentOutcome.Untrusted, _state.Apply(Dsse.Sign(IncidentMessage.PayloadType, payload, stranger, withKeyId: true), out _));
        Assert.Equal(IncidentOutcome.Untrusted, _state.Apply(Dsse.Sign("application/json", payload, _trusted.Key, withKeyId: true), out _));
        Assert.Equal(IncidentOutcome.Untrusted, _state.Apply(payload, out _));

        var envelope = Encoding.UTF8.GetString(Signed(Message("a", 1)));
        var tampered = Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(Message("a", 9), ContractsJson.Default.IncidentMessage));
        var at = envelope.IndexOf("\"payload\":\"", StringComparison.Ordinal) + 11;
        var changed = envelope[..at] + tampered + envelope[envelope.IndexOf('"', at)..];
        Assert.Equal(IncidentOutcome.Untrusted, _state.Apply(Encoding.UTF8.GetBytes(changed), out _));
        Assert.Empty(_state.Current.Active);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"id":"a","version":1,"tombstone":false,"tenant":"acme","services":[],"samplingRate":7,"startedAt":"2026-03-01T12:00:00Z","expiresAt":"2027-03-01T12:00:00Z"}""")]
    [InlineData("""{"id":"a","version":1,"tombstone":false,"tenant":"NOT A TENANT","services":[],"samplingRate":1,"startedAt":"2026-03-01T12:00:00Z","expiresAt":"2027-03-01T12:00:00Z"}""")]
    public void Apply_SignedNonsense_IsMalformed(string payload) =>
        Assert.Equal(IncidentOutcome.Malformed, _state.Apply(Dsse.Sign(IncidentMessage.PayloadType, Encoding.UTF8.GetBytes(payload), _trusted.Key, withKeyId: true), out _));

    [Fact]
    public void Apply_MoreThanTheCap_IsRefused()
    {
        foreach (var id in new[] { "a", "b", "c" })
        {
            Assert.Equal(IncidentOutcome.Applied, Apply(Message(id, 1)));
        }

        Assert.Equal(IncidentOutcome.TooMany, Apply(Message("d", 1)));
        Assert.Equal(IncidentOutcome.Applied, Apply(Message("a", 2)));
    }

    [Fact]
    public void Load_WhatWasSaved_RestoresUntilExpiryAndJudgesAnew()
    {
        Apply(Message("a", 3, minutes: 10));
        Apply(Message("b", 2, tombstone: true));
        var saved = _state.Save();

        var next = new IncidentScopesState(_trusted.Store, _time, 3);
        next.Load(saved);
        Assert.Equal(3, Assert.Single(next.Current.Active).Version);
        Assert.Equal(IncidentOutcome.Stale, next.Apply(Signed(Message("b", 1)), out _));

        _time.Advance(TimeSpan.FromMinutes(11));
        var late = new IncidentScopesState(_trusted.Store, _time, 3);
        late.Load(saved);
        Assert.Empty(late.Current.Active);

        using var other = new Trusted(KnownKeyUses.Incident);
        var distrustful = new IncidentScopesState(other.Store, _time, 3);
        Assert.Equal(0, distrustful.Load(saved));
    }

    [Fact]
    public void Settle_ABurst_IsPutInForceAtOnce()
    {
        _state.Apply(Signed(Message("a", 1)), out _);
        _state.Apply(Signed(Message("b", 1)), out _);
        Assert.Empty(_state.Current.Active);
        Assert.True(_state.Settle());
        Assert.Equal((2, 1), (_state.Current.Active.Length, _changes));
        Assert.False(_state.Settle());
    }

    private IncidentOutcome Apply(IncidentMessage message) => Apply(Signed(message));

    private IncidentOutcome Apply(byte[] envelope)
    {
        var outcome = _state.Apply(envelope, out _);
        _state.Settle();
        return outcome;
    }

    private byte[] Signed(IncidentMessage message) =>
        Dsse.Sign(IncidentMessage.PayloadType, JsonSerializer.SerializeToUtf8Bytes(message, ContractsJson.Default.IncidentMessage), _trusted.Key, withKeyId: true);

    private IncidentMessage Message(string id, long version, bool tombstone = false, int minutes = 60) =>
        new(id, version, tombstone, TenantId.Parse("acme"), [], 1.0, _time.GetUtcNow(), _time.GetUtcNow().AddMinutes(minutes));
}
