using Google.Protobuf;
using StellaOps.Telemetry.OpAmp;
using StellaOps.Telemetry.OpAmp.Model;

namespace StellaOps.Telemetry.Tests.Shared.OpAmp;

/// <summary>Messages and parts of agents under test.</summary>
public static class TestAgents
{
    public const AgentCapabilities Capabilities =
        AgentCapabilities.ReportsStatus | AgentCapabilities.AcceptsRemoteConfig | AgentCapabilities.ReportsRemoteConfig | AgentCapabilities.ReportsHealth
        | AgentCapabilities.ReportsEffectiveConfig | AgentCapabilities.ReportsHeartbeat;

    /// <summary>A uid that is the same in every run.</summary>
    public static InstanceUid Uid(int number) => InstanceUid.TryParse($"0198f0c0-0000-7000-8000-{number:x12}", out var uid) ? uid : throw new ArgumentOutOfRangeException(nameof(number));

    public static AgentDescription Description(string name) => new()
    {
        IdentifyingAttributes = { Attribute("service.name", name) },
        NonIdentifyingAttributes = { Attribute("host.name", "host-of-" + name) },
    };

    public static KeyValue Attribute(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };

    /// <summary>A message with everything that <see cref="Capabilities"/> announces.</summary>
    public static AgentToServer Full(InstanceUid uid, ulong sequence) => new()
    {
        InstanceUid = uid.ToByteString(),
        SequenceNum = sequence,
        Capabilities = (ulong)Capabilities,
        AgentDescription = Description("agent"),
        Health = new ComponentHealth { Healthy = true, Status = "ok" },
        EffectiveConfig = new EffectiveConfig { ConfigMap = Files("running: none") },
        RemoteConfigStatus = new RemoteConfigStatus(),
    };

    /// <summary>A message with nothing new.</summary>
    public static AgentToServer Bare(InstanceUid uid, ulong sequence) => new() { InstanceUid = uid.ToByteString(), SequenceNum = sequence, Capabilities = (ulong)Capabilities };

    /// <summary>One YAML file under the empty name.</summary>
    public static AgentConfigMap Files(string yaml) => new() { ConfigMap = { [""] = new AgentConfigFile { Body = ByteString.CopyFromUtf8(yaml), ContentType = "text/yaml" } } };
}
