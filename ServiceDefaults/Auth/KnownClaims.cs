namespace StellaOps.Telemetry.ServiceDefaults.Auth;

/// <summary>Claims of our tokens.</summary>
public static class KnownClaims
{
    public const string Subject = "sub";

    /// <summary>Scopes, space separated.</summary>
    public const string Scope = "scope";

    /// <summary>One tenant's name, or <see cref="AllTenants"/>.</summary>
    public const string Tenant = "tenant";

    public const string AllTenants = "*";
}
