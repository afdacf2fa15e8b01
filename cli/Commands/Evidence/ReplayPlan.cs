using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Replay;
using StellaOps.Telemetry.Replay.Sending;

namespace StellaOps.Telemetry.Cli.Commands.Evidence;

/// <summary>What a replay is to do, as the user said it.</summary>
/// <param name="Tenant">As <c>--tenant</c>, or as the given token says; null when neither does.</param>
/// <param name="Shift"><c>now</c>, or a signed duration; null: none.</param>
/// <param name="IsForeign">Whether the endpoint may be another than a gateway of ours: it is then shown no token but one that was given.</param>
/// <param name="Gateways">The gateways' own APIs, which are asked what they count.</param>
/// <param name="StateFile">Null: beside the bundle.</param>
internal sealed record ReplayPlan(
    string Bundle,
    Uri Endpoint,
    string Protocol,
    ReplayCompression Compression,
    ReplayPace Pace,
    TenantId? Tenant,
    string? Shift,
    bool IsForeign,
    bool IsUnmarked,
    IReadOnlyList<Uri> Gateways,
    string? StateFile,
    bool IsRestart,
    bool IsDryRun);
