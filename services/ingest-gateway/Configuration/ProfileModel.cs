using StellaOps.Telemetry.Profiles.Gateway;
using StellaOps.Telemetry.Redaction;

namespace StellaOps.Telemetry.IngestGateway.Configuration;

/// <summary>A profile in force: immutable, swapped whole.</summary>
internal sealed class ProfileModel(GatewaySettings settings, CompiledPolicy? redaction)
{
    public GatewaySettings Settings { get; } = settings;

    /// <summary>Null where the profile says <c>redaction: none</c>.</summary>
    public CompiledPolicy? Redaction { get; } = redaction;

    /// <summary>SHA-256 of the resolved profile, as envelopes carry it.</summary>
    public ReadOnlyMemory<byte> Hash { get; } = Convert.FromHexString(settings.ProfileHash);
}
