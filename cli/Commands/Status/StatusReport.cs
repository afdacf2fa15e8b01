using StellaOps.Telemetry.Contracts.Captures;
using StellaOps.Telemetry.Contracts.Fleet;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Rollouts;

namespace StellaOps.Telemetry.Cli.Commands.Status;

/// <summary>What <c>status</c> prints. What could not be asked is null, and <see cref="Notes"/> says why.</summary>
internal sealed record StatusReport(
    IReadOnlyList<ProcessStatus> Processes,
    GatewayStatusResponse? Gateway,
    IReadOnlyList<IncidentResponse>? Incidents,
    CaptureResponse? LastCapture,
    FleetResponse? Fleet,
    RolloutResponse? LastRollout,
    IReadOnlyList<string> Notes);

/// <summary>One process.</summary>
/// <param name="Health"><c>ready</c>, <c>not ready</c>, <c>unreachable</c>, <c>unknown</c>.</param>
internal sealed record ProcessStatus(string Name, string? Url, string Health);
