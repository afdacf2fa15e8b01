using StellaOps.Telemetry.Profiles.Gateway;
using StellaOps.Telemetry.Redaction;

namespace StellaOps.Telemetry.IngestGateway.Configuration;

/// <summary>A profile in force: immutable, swapped whole.</summary>
internal sealed class ProfileModel(GatewaySettings settings, CompiledPolicy? redaction, DeploymentInForce? deployment = null)
{
    public GatewaySettings Settings { get; } = settings;

    /// <summary>Null where the profile says <c>redaction: none</c>.</summary>
    public CompiledPolicy? Redaction { get; } = redaction;

    /// <summary>The deployment that it came by; null when it is the machine's own file.</summary>
    public DeploymentInForce? Deployment { get; } = deployment;

    /// <summary>SHA-256 of the resolved profile, as envelopes carry it.</summary>
    public ReadOnlyMemory<byte> Hash { get; } = Convert.FromHexString(settings.ProfileHash);

    /// <summary>The same profile, come by a deployment.</summary>
    public ProfileModel By(DeploymentInForce by) => new(Settings, Redaction, by);
}
