using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.Profiles.Model;

/// <summary>A profile document, resolved: every value is there, defaults included.</summary>
/// <param name="Redaction">Name of the redaction policy, or <see cref="NoRedaction"/>.</param>
public sealed record Profile(
    string Name,
    string Description,
    DeploymentEnvironment Environment,
    IngestProfile Ingest,
    string Redaction,
    Durability Durability,
    RecorderSettings Recorder,
    SamplingSettings Sampling,
    IReadOnlyList<ExporterSettings> Exporters,
    IncidentProfile Incident,
    IReadOnlyList<RetentionTier> Retention,
    SealedProfile Sealed)
{
    /// <summary>The one <c>apiVersion</c>.</summary>
    public const string ApiVersion = "telemetry.stella-ops.org/v1";

    /// <summary>The one <c>kind</c>.</summary>
    public const string Kind = "Profile";

    /// <summary>What has to be spelled to switch redaction off.</summary>
    public const string NoRedaction = "none";

    /// <summary>Whether several tenants share the stores, and have to be kept apart there.</summary>
    public bool MultiTenant { get; init; }

    /// <summary>The stores; null where the profile says nothing of them.</summary>
    public StorageProfile? Storage { get; init; }

    /// <summary>The Collectors upstream; null where there are none.</summary>
    public EdgeProfile? Edge { get; init; }
}

/// <summary>What a deployment is for; some settings are lawful in development alone.</summary>
public enum DeploymentEnvironment
{
    Development,
    Production,
}

/// <summary>Where OTLP is taken and how much of it at once.</summary>
/// <param name="Tls">Null where no listener terminates TLS.</param>
public sealed record IngestProfile(Uri GrpcUrl, Uri HttpUrl, IngestSettings Limits, IngestTlsProfile? Tls);

/// <summary>TLS of the OTLP listeners. Files are PEM; a relative path begins at the profile's folder.</summary>
/// <param name="ClientCaFile">Authorities of client certificates; null where none is asked for.</param>
/// <param name="TrustDomain">Whose SPIFFE identities name tenants: <c>spiffe://TrustDomain/tenant/TENANT/...</c>; null where certificates name none.</param>
public sealed record IngestTlsProfile(
    string CertFile,
    string KeyFile,
    string? ClientCaFile,
    ClientAuth ClientAuth,
    TlsVersion MinVersion,
    string? TrustDomain);

/// <summary>Whether a sender shows a certificate.</summary>
public enum ClientAuth
{
    /// <summary>It is not asked for one.</summary>
    None,

    /// <summary>It may; one that is shown has to be good.</summary>
    Optional,

    /// <summary>It has to.</summary>
    Require,
}

/// <summary>The lowest version of TLS that is spoken.</summary>
public enum TlsVersion
{
    Tls12,
    Tls13,
}

/// <summary>How incidents behave under this profile.</summary>
/// <param name="Ceiling">The longest an incident may keep sampling raised without somebody extending it.</param>
public sealed record IncidentProfile(double SamplingRate, TimeSpan Lookback, TimeSpan Cooldown, TimeSpan Ceiling);

/// <summary>Sealed mode: no connection leaves for a host that the allowlist does not name.</summary>
public sealed record SealedProfile(bool Enabled, IReadOnlyList<string> Allowlist)
{
    /// <summary>What the one dialer of a process is told.</summary>
    public EgressPolicy ToPolicy() => Enabled ? EgressPolicy.Sealed(Allowlist) : EgressPolicy.Open;
}
