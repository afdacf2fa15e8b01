using Google.Protobuf;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.Tests.Shared.OpAmp;

namespace StellaOps.Telemetry.OpAmp.Tests.Specification;

/// <summary>Sections "Interoperability", "Custom Messages", "AvailableComponents Message" and "Connection Settings Management".</summary>
public sealed class InteroperabilityTests : IAsyncLifetime
{
    private static readonly InstanceUid s_uid = TestAgents.Uid(1);

    private OpAmpHost _host = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await OpAmpHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    /// <summary>Field 1000 (a string) beside each known one, as a newer client would send.</summary>
    [Fact]
    public async Task Fields_ThatAreUnknown_AreIgnored()
    {
        byte[] unknown = [0xC2, 0x3E, 0x03, (byte)'n', (byte)'e', (byte)'w'];
        var message = TestAgents.Full(s_uid, 1);
        byte[] description = [.. message.AgentDescription.ToByteArray(), .. unknown];
        message.AgentDescription = null;
        using var client = await _host.OpenAsync(Token);

        await client.SendAsync(WireClient.Binary, [0, .. unknown, .. message.ToByteArray(), 0x1A, (byte)description.Length, .. description, .. unknown], cancellationToken: Token);

        Assert.Null((await client.ReadMessageAsync(Token)).ErrorResponse);
        Assert.Equal(TestAgents.Full(s_uid, 1), Assert.Single(_host.Server.Messages));
    }

    [Fact]
    public async Task Capabilities_ThatAreReserved_AreKeptAndIgnored()
    {
        var message = TestAgents.Full(s_uid, 1);
        message.Capabilities |= 1ul << 63;
        using var client = await _host.OpenAsync(Token);

        Assert.Null((await client.ExchangeAsync(message, Token)).ErrorResponse);
        Assert.Equal(message.Capabilities, _host.Server.Agents[s_uid].Capabilities);
    }

    [Fact]
    public async Task Capabilities_OfTheServer_AreInTheFirstAnswerAndDefinedOnes()
    {
        using var client = await _host.OpenAsync(Token);

        var capabilities = (await client.ExchangeAsync(TestAgents.Full(s_uid, 1), Token)).Capabilities;

        Assert.NotEqual(0ul, capabilities & (ulong)ServerCapabilities.AcceptsStatus);
        Assert.Equal(0ul, capabilities & ~Enum.GetValues<ServerCapabilities>().Aggregate(0ul, (all, c) => all | (ulong)c));
    }

    [Fact]
    public async Task Agent_ThatTakesNoRemoteConfig_IsOfferedNone()
    {
        _host.Server.Offer = ConfigHash.Offer(TestAgents.Files("a: 1"));
        var message = TestAgents.Full(s_uid, 1);
        message.Capabilities &= ~(ulong)AgentCapabilities.AcceptsRemoteConfig;
        using var client = await _host.OpenAsync(Token);

        Assert.Null((await client.ExchangeAsync(message, Token)).RemoteConfig);
    }

    [Fact]
    public async Task CustomMessage_OfAnyCapability_IsTolerated()
    {
        var message = TestAgents.Full(s_uid, 1);
        message.CustomMessage = new CustomMessage { Capability = "org.example.unknown/v1", Type = "pause", Data = ByteString.CopyFromUtf8("now") };
        using var client = await _host.OpenAsync(Token);

        Assert.Null((await client.ExchangeAsync(message, Token)).ErrorResponse);
    }

    [Fact]
    public async Task ConnectionSettings_RequestAndStatus_AreTolerated()
    {
        var message = TestAgents.Full(s_uid, 1);
        message.ConnectionSettingsRequest = new ConnectionSettingsRequest { Opamp = new() { CertificateRequest = new() { Csr = ByteString.CopyFromUtf8("-----BEGIN") } } };
        message.ConnectionSettingsStatus = new ConnectionSettingsStatus { Status = ConnectionSettingsStatuses.Applied };
        using var client = await _host.OpenAsync(Token);

        Assert.Null((await client.ExchangeAsync(message, Token)).ErrorResponse);
        Assert.Equal(message.ConnectionSettingsStatus, _host.Server.Agents[s_uid].ConnectionSettingsStatus);
    }

    /// <summary>The handshake of the section: the hash first, the set when it is asked for, and once for all agents that have it.</summary>
    [Fact]
    public async Task AvailableComponents_ByHash_AreAskedForOnce()
    {
        var components = new AvailableComponents { Hash = ByteString.CopyFromUtf8("set"), Components = { ["receivers"] = new ComponentDetails() } };
        using var client = await _host.OpenAsync(Token);

        var asked = await client.ExchangeAsync(Announcing(s_uid, new AvailableComponents { Hash = components.Hash }), Token);
        var full = TestAgents.Bare(s_uid, 2);
        full.AvailableComponents = components;
        var told = await client.ExchangeAsync(full, Token);
        var other = await client.ExchangeAsync(Announcing(TestAgents.Uid(2), new AvailableComponents { Hash = components.Hash }), Token);

        Assert.Equal((ulong)ServerToAgentFlags.ReportAvailableComponents, asked.Flags);
        Assert.Equal((0ul, 0ul), (told.Flags, other.Flags));
        Assert.Equal(components, _host.Server.Components[components.Hash]);
    }

    private static AgentToServer Announcing(InstanceUid uid, AvailableComponents components)
    {
        var message = TestAgents.Full(uid, 1);
        message.Capabilities |= (ulong)AgentCapabilities.ReportsAvailableComponents;
        message.AvailableComponents = components;
        return message;
    }
}
