using Google.Protobuf;
using Microsoft.Extensions.Time.Testing;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.OpAmp.Tracking;
using StellaOps.Telemetry.Tests.Shared.OpAmp;

namespace StellaOps.Telemetry.OpAmp.Tests.Tracking;

/// <summary>Each row is a sequence of messages; what is asserted is the last one's outcome.</summary>
public sealed class AgentTrackerTests
{
    private const ulong Capabilities = (ulong)(ServerCapabilities.AcceptsStatus | ServerCapabilities.OffersRemoteConfig);

    private static readonly InstanceUid s_uid = TestAgents.Uid(1);
    private static readonly AvailableComponents s_components = new()
    {
        Hash = ByteString.CopyFromUtf8("hash"),
        Components = { ["receivers"] = new ComponentDetails { SubComponentMap = { ["otlp"] = new ComponentDetails() } } },
    };

    private static readonly AvailableComponents s_announced = new() { Hash = s_components.Hash };
    private readonly HashSet<ByteString> _components = [];

    public static TheoryData<string, AgentToServer[], bool> Sequences()
    {
        var full = Full(1);
        return new()
        {
            { "first message with all of the state", [full], false },
            { "first message of an agent that begins at 0", [Full(0)], false },
            { "first message with nothing", [Bare(7)], true },
            { "first message without the description", [With(full, m => m.AgentDescription = null)], true },
            { "first message without the health that it can report", [With(full, m => m.Health = null)], true },
            { "first message without the effective config that it can report", [With(full, m => m.EffectiveConfig = null)], true },
            { "first message without the config status that it can report", [With(full, m => m.RemoteConfigStatus = null)], true },
            { "first message without what it cannot report", [With(full, m => (m.Capabilities, m.Health, m.EffectiveConfig, m.RemoteConfigStatus) = (1, null, null, null))], false },
            { "next in order", [full, Bare(2), Bare(3)], false },
            { "one missed", [full, Bare(3)], true },
            { "the same number again", [full, Bare(1)], true },
            { "a lower number", [full, Bare(2), Bare(3), Bare(1)], true },
            { "one missed, but nothing is omitted", [full, Full(9)], false },
            { "restarted with all of its state", [full, Bare(2), Full(1)], false },
            { "restarted without a part that is known", [With(full, m => m.CustomCapabilities = new()), Full(1)], true },
            { "in order again after a miss", [full, Bare(3), Full(4), Bare(5)], false },
            { "in order after a miss that the agent did not mend", [full, Bare(3), Bare(4)], false },
            { "the highest number and the one after it", [Full(ulong.MaxValue), Bare(0)], false },
            { "a poll with nothing but the uid", [full, new() { InstanceUid = s_uid.ToByteString() }, Bare(2)], false },
            { "a poll with nothing but the uid, of an unknown agent", [new() { InstanceUid = s_uid.ToByteString() }], true },
            { "a farewell out of order", [full, With(Bare(9), m => m.AgentDisconnect = new())], false },
        };
    }

    [Theory]
    [MemberData(nameof(Sequences))]
    public void Track_Sequence_AsksForFullStateOnlyWhenItIsMissed(string name, AgentToServer[] messages, bool isAsked)
    {
        var last = Track(messages);

        Assert.True(isAsked == ((last.Answer.Flags & (ulong)ServerToAgentFlags.ReportFullState) != 0), name);
        Assert.Equal((s_uid.ToByteString(), Capabilities), (last.Answer.InstanceUid, last.Answer.Capabilities));
        Assert.Null(last.Answer.ErrorResponse);
        Assert.Null(last.Answer.AgentIdentification);
    }

    [Fact]
    public void Track_OmittedParts_KeepTheirLastValue()
    {
        var full = With(Full(1), m =>
        {
            m.PackageStatuses = new PackageStatuses { ErrorMessage = "none" };
            m.CustomCapabilities = new CustomCapabilities { Capabilities = { "org.example.pause/v1" } };
            m.ConnectionSettingsStatus = new ConnectionSettingsStatus { Status = ConnectionSettingsStatuses.Applied };
            m.AvailableComponents = s_announced;
        });

        var last = Track(full, With(Bare(2), m => m.Capabilities = 0));

        Assert.Equal(
            new AgentState(s_uid, 2)
            {
                Capabilities = full.Capabilities,
                Description = full.AgentDescription,
                Health = full.Health,
                EffectiveConfig = full.EffectiveConfig,
                RemoteConfigStatus = full.RemoteConfigStatus,
                PackageStatuses = full.PackageStatuses,
                CustomCapabilities = full.CustomCapabilities,
                ConnectionSettingsStatus = full.ConnectionSettingsStatus,
                ComponentsHash = s_announced.Hash,
            },
            last.Next);
        Assert.Equal(AgentParts.None, last.Changed);
    }

    public static TheoryData<AgentParts, Action<AgentToServer>> Changes() => new()
    {
        { AgentParts.None, _ => { } },
        { AgentParts.None, m => m.Health = Full(1).Health },
        { AgentParts.Description, m => m.AgentDescription = TestAgents.Description("other") },
        { AgentParts.Capabilities, m => m.Capabilities = 1 },
        { AgentParts.Health, m => m.Health = new ComponentHealth { LastError = "disk full" } },
        { AgentParts.EffectiveConfig, m => m.EffectiveConfig = new EffectiveConfig() },
        { AgentParts.RemoteConfigStatus, m => m.RemoteConfigStatus = new RemoteConfigStatus { Status = RemoteConfigStatuses.Failed } },
        { AgentParts.PackageStatuses, m => m.PackageStatuses = new PackageStatuses() },
        { AgentParts.CustomCapabilities, m => m.CustomCapabilities = new CustomCapabilities() },
        { AgentParts.AvailableComponents, m => m.AvailableComponents = s_announced },
        { AgentParts.ConnectionSettingsStatus, m => m.ConnectionSettingsStatus = new ConnectionSettingsStatus() },
        { AgentParts.Presence, m => m.AgentDisconnect = new AgentDisconnect() },
        { AgentParts.Health | AgentParts.EffectiveConfig, m => (m.Health, m.EffectiveConfig) = (new ComponentHealth(), new EffectiveConfig()) },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void Track_Change_NamesThePartsThatChanged(AgentParts parts, Action<AgentToServer> change) => Assert.Equal(parts, Track(Full(1), With(Bare(2), change)).Changed);

    [Fact]
    public void Track_Farewell_IsAbsentUntilItSpeaksAgain()
    {
        Assert.False(Track(Full(1), With(Bare(2), m => m.AgentDisconnect = new())).Next!.IsPresent);
        Assert.True(Track(Full(1), With(Bare(2), m => m.AgentDisconnect = new()), Bare(3)).Next!.IsPresent);
    }

    [Fact]
    public void Track_HeldElsewhere_GivesANewUidAndKeepsWhatIsKnown()
    {
        var known = Track(Full(1)).Next;

        var result = Tracker().Track(known, Full(1), isHeldElsewhere: true);

        Assert.Null(result.Next);
        Assert.Equal(s_uid.ToByteString(), result.Answer.InstanceUid);
        Assert.True(InstanceUid.TryFrom(result.Answer.AgentIdentification.NewInstanceUid, out var uid));
        Assert.NotEqual(s_uid, uid);
    }

    [Fact]
    public void Track_RequestInstanceUid_GivesOneAndKeepsNothingUnderTheTemporaryOne()
    {
        var result = Track(With(Full(1), m => m.Flags = (ulong)AgentToServerFlags.RequestInstanceUid));

        Assert.Null(result.Next);
        Assert.Equal(InstanceUid.Length, result.Answer.AgentIdentification.NewInstanceUid.Length);
    }

    [Fact]
    public void Track_UidOfAnotherLength_IsABadRequest()
    {
        var result = Tracker().Track(null, new AgentToServer { InstanceUid = ByteString.CopyFrom(1, 2, 3) }, isHeldElsewhere: false);

        Assert.Null(result.Next);
        Assert.Equal(ServerErrorResponseType.BadRequest, result.Answer.ErrorResponse.Type);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void Track_ComponentsByHash_AreAskedForOnlyWhenTheyAreUnknown(bool isKnown, bool isAsked)
    {
        if (isKnown)
        {
            _components.Add(s_components.Hash);
        }

        var result = Track(With(Full(1), m => (m.AvailableComponents, m.Capabilities) = (s_announced, m.Capabilities | (ulong)AgentCapabilities.ReportsAvailableComponents)));

        Assert.Equal(isAsked, (result.Answer.Flags & (ulong)ServerToAgentFlags.ReportAvailableComponents) != 0);
        Assert.Null(result.Components);
    }

    [Fact]
    public void Track_ComponentsInFull_AreHandedOutAndKeptByHash()
    {
        var result = Track(With(Full(1), m => m.AvailableComponents = s_components));

        Assert.Equal(s_components, result.Components);
        Assert.Equal(s_components.Hash, result.Next!.ComponentsHash);
    }

    private static AgentToServer Full(ulong sequence) => TestAgents.Full(s_uid, sequence);

    private static AgentToServer Bare(ulong sequence) => TestAgents.Bare(s_uid, sequence);

    private static AgentToServer With(AgentToServer message, Action<AgentToServer> change)
    {
        var copy = message.Clone();
        change(copy);
        return copy;
    }

    private AgentTracker Tracker() => new(Capabilities, _components.Contains, new FakeTimeProvider());

    private TrackedMessage Track(params AgentToServer[] messages)
    {
        TrackedMessage? last = null;
        foreach (var message in messages)
        {
            last = Tracker().Track(last?.Next, message, isHeldElsewhere: false);
        }

        return last!;
    }
}
