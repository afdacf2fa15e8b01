using System.Collections.Frozen;

namespace StellaOps.Telemetry.Contracts;

/// <summary>Scopes of tokens; each is bounded by the token's <c>tenant</c> claim (<c>*</c> for all).</summary>
public static class KnownScopes
{
    public const string TelemetryRead = "telemetry:read";

    /// <summary>A sender: exactly one tenant, <c>*</c> refused.</summary>
    public const string TelemetryWrite = "telemetry:write";
    public const string ReplayWrite = "replay:write";
    public const string GatewayPeer = "gateway:peer";
    public const string FleetAgent = "fleet:agent";
    public const string ProfilesRead = "profiles:read";
    public const string ProfilesWrite = "profiles:write";
    public const string ProfilesApprove = "profiles:approve";
    public const string ProfilesDeploy = "profiles:deploy";
    public const string IncidentsRead = "incidents:read";
    public const string IncidentsWrite = "incidents:write";
    public const string CapturesRead = "captures:read";
    public const string CapturesCreate = "captures:create";
    public const string CapturesExport = "captures:export";
    public const string RulesRead = "rules:read";
    public const string RulesWrite = "rules:write";
    public const string AuditRead = "audit:read";
    public const string Admin = "admin";

    private static readonly string[] s_viewer =
        [TelemetryRead, ProfilesRead, IncidentsRead, CapturesRead, RulesRead];

    /// <summary>What each role may do.</summary>
    public static FrozenDictionary<string, IReadOnlyList<string>> Roles { get; } = new Dictionary<string, IReadOnlyList<string>>
    {
        ["viewer"] = s_viewer,
        ["operator"] = [.. s_viewer, ProfilesWrite, ProfilesDeploy, RulesWrite, IncidentsWrite],
        ["responder"] = [.. s_viewer, IncidentsWrite, CapturesCreate, CapturesExport],
        ["approver"] = [.. s_viewer, ProfilesApprove],
        ["auditor"] = [.. s_viewer, AuditRead],
        ["admin"] = [Admin],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Every scope there is.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        TelemetryRead, TelemetryWrite, ReplayWrite, GatewayPeer, FleetAgent, ProfilesRead, ProfilesWrite, ProfilesApprove, ProfilesDeploy,
        IncidentsRead, IncidentsWrite, CapturesRead, CapturesCreate, CapturesExport, RulesRead, RulesWrite, AuditRead, Admin,
    ];
}
