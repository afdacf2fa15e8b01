namespace StellaOps.Telemetry.AppHost.Local.Bootstrap;

/// <summary>What the engine itself needs of the keys folder.</summary>
internal sealed record BootstrapSecrets(string PostgresPassword, string SystemIngestKey, string GatewayId);
