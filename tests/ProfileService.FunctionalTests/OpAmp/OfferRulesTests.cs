using Google.Protobuf;
using StellaOps.Telemetry.Contracts.Fleet;
using StellaOps.Telemetry.OpAmp;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.OpAmp.Tracking;
using StellaOps.Telemetry.ProfileService.Agents;
using StellaOps.Telemetry.ProfileService.Deployments;
using StellaOps.Telemetry.ProfileService.OpAmp;

namespace StellaOps.Telemetry.ProfileService.FunctionalTests.OpAmp;

/// <summary>Who is offered what.</summary>
public sealed class OfferRulesTests
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly AgentRemoteConfig s_gateway = Config(0x0a);
    private static readonly AgentRemoteConfig s_collector = Config(0x0c);
    private static readonly DeploymentOffer s_desired = new(7, s_gateway, s_collector);

    [Fact]
    public void OfferFor_NothingReceived_IsTheFormOfItsKind()
    {
        Assert.Same(s_gateway, OfferRules.OfferFor(State(), Record(KnownFleet.Gateway), s_desired));
        Assert.Same(s_collector, OfferRules.OfferFor(State(), Record("otelcol"), s_desired));
        Assert.Null(OfferRules.OfferFor(State(), Record("otelcol"), s_desired with { Collector = null }));
        Assert.Null(OfferRules.OfferFor(State(), Record(KnownFleet.Gateway), null));
    }

    [Fact]
    public void OfferFor_HasIt_IsNothing() =>
        Assert.Null(OfferRules.OfferFor(State() with { RemoteConfigStatus = new RemoteConfigStatus { LastRemoteConfigHash = s_gateway.ConfigHash } }, Record(KnownFleet.Gateway), s_desired));

    [Fact]
    public void OfferFor_RefusedItAndRunsAnother_IsNothing() => Assert.Null(OfferRules.OfferFor(
        State() with { RemoteConfigStatus = new RemoteConfigStatus { LastRemoteConfigHash = ByteString.CopyFrom(0x01), Status = RemoteConfigStatuses.Applied } },
        Record(KnownFleet.Gateway) with { RefusedHash = "0a" },
        s_desired));

    [Fact]
    public void OfferFor_RefusedAnother_IsTheOffer() =>
        Assert.Same(s_gateway, OfferRules.OfferFor(State(), Record(KnownFleet.Gateway) with { RefusedHash = "0b" }, s_desired));

    [Fact]
    public void OfferFor_CannotOrGoes_IsNothing()
    {
        Assert.Null(OfferRules.OfferFor(State() with { Capabilities = (ulong)AgentCapabilities.ReportsHealth }, Record(KnownFleet.Gateway), s_desired));
        Assert.Null(OfferRules.OfferFor(State() with { IsPresent = false }, Record(KnownFleet.Gateway), s_desired));
    }

    private static AgentRemoteConfig Config(byte hash) => new() { ConfigHash = ByteString.CopyFrom(hash) };

    private static AgentState State() => new(InstanceUid.New(s_now), 1) { Capabilities = (ulong)AgentCapabilities.AcceptsRemoteConfig };

    private static AgentRecord Record(string kind) => new(
        InstanceUid.New(s_now), kind, null, new Dictionary<string, string>(), "websocket", true, true, null, AgentConfigStatus.Unset, null, null, null, null, s_now, s_now);
}
