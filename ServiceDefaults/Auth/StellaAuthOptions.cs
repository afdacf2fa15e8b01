namespace StellaOps.Telemetry.ServiceDefaults.Auth;

/// <summary>Section <c>Stella:Auth</c>: whose tokens are taken. Exactly one of the two sources is set.</summary>
public sealed class StellaAuthOptions
{
    public const string Section = "Stella:Auth";

    /// <summary>URL of an OIDC issuer.</summary>
    public string? Authority { get; set; }

    /// <summary>JWKS file of the development issuer; read anew when it changes.</summary>
    public string? JwksFile { get; set; }

    /// <summary>Token that this service presents to other services.</summary>
    public string? ServiceTokenFile { get; set; }

    /// <summary>How far the clocks of issuer and service may be apart.</summary>
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(5);
}
