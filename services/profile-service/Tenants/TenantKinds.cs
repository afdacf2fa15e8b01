using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.ProfileService.Tenants;

/// <summary>Kinds of tenants as the database writes them.</summary>
internal static class TenantKinds
{
    private const string Live = "live";
    private const string Replay = "replay";

    public static string NameOf(TenantKind kind) => kind == TenantKind.Replay ? Replay : Live;

    public static TenantKind Parse(string name) => name == Replay ? TenantKind.Replay : TenantKind.Live;
}
