using Google.Protobuf;
using StellaOps.Telemetry.OpAmp;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.Profiles.Signing;

namespace StellaOps.Telemetry.ProfileService.Deployments;

/// <summary>A deployment in the forms that agents are offered; each is made once and shared by all who get it.</summary>
/// <param name="Gateway">The signed package, file by file.</param>
/// <param name="Collector">The rendered configuration; null: the profile says nothing of edge Collectors.</param>
internal sealed record DeploymentOffer(long Counter, AgentRemoteConfig Gateway, AgentRemoteConfig? Collector)
{
    public static AgentRemoteConfig Of(DeploymentPackage package)
    {
        var files = new AgentConfigMap();
        foreach (var (name, bytes) in package.ToFiles())
        {
            files.ConfigMap.Add(name, new AgentConfigFile { Body = ByteString.CopyFrom(bytes), ContentType = "application/json" });
        }

        return ConfigHash.Offer(files);
    }

    public static AgentRemoteConfig Of(ReadOnlySpan<byte> collector)
    {
        var files = new AgentConfigMap();
        files.ConfigMap.Add("", new AgentConfigFile { Body = ByteString.CopyFrom(collector), ContentType = "text/yaml" });
        return ConfigHash.Offer(files);
    }

    public static string HexOf(ByteString hash) => Convert.ToHexStringLower(hash.Span);
}
