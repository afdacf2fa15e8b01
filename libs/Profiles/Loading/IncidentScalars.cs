using StellaOps.Telemetry.Contracts.Incidents;

namespace StellaOps.Telemetry.Profiles.Loading;

/// <summary>The kinds of single values that documents about incidents share.</summary>
internal static class IncidentScalars
{
    public const string SeverityForm = "info, warning or critical";

    public static readonly ScalarParser<IncidentSeverity> Severity =
        Scalars.OneOf(("info", IncidentSeverity.Info), ("warning", IncidentSeverity.Warning), ("critical", IncidentSeverity.Critical));
}
