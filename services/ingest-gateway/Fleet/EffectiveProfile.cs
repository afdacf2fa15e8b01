using System.Text.Json;
using Google.Protobuf;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.IngestGateway.Configuration;
using StellaOps.Telemetry.OpAmp.Model;

namespace StellaOps.Telemetry.IngestGateway.Fleet;

/// <summary>The effective configuration: which profile is in force, and by which deployment.</summary>
internal sealed class EffectiveProfile(ProfileState profile)
{
    /// <summary>The one file of it.</summary>
    public const string FileName = "profile.json";

    public EffectiveConfig Build()
    {
        var current = profile.Current;
        var (settings, deployed) = (current.Settings, current.Deployment?.Judgement);
        var inForce = new ProfileInForce(
            settings.ProfileName, settings.ProfileHash, deployed?.Closure.Version, deployed?.Closure.Overlay, deployed?.Closure.Digest, deployed?.Deployment.Counter, deployed?.Deployment.Rollout);
        return new EffectiveConfig
        {
            ConfigMap = new AgentConfigMap
            {
                ConfigMap =
                {
                    [FileName] = new AgentConfigFile
                    {
                        Body = ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(inForce, ContractsJson.Default.ProfileInForce)),
                        ContentType = "application/json",
                    },
                },
            },
        };
    }
}
