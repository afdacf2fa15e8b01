namespace StellaOps.Telemetry.ServiceDefaults;

/// <summary>Paths that every process answers on its API listener, without a token.</summary>
public static class DefaultEndpoints
{
    public const string Health = "/health";
    public const string Alive = "/alive";
    public const string Metrics = "/metrics";
    public const string OpenApi = "/openapi/v1.json";
}
