using StellaOps.Telemetry.Archive.Search;
using StellaOps.Telemetry.Contracts.Search;

namespace StellaOps.Telemetry.Archive.Export;

/// <summary>Judges a request for an export.</summary>
public static class ExportRequestRules
{
    /// <summary>All that is wrong with it.</summary>
    public static IEnumerable<(string Field, string Message)> Check(ArchiveExportRequest request) =>
        WindowRules.Check(request.Tenant, request.From, request.To).Concat(
            request.Format == ArchiveExportFormat.Proto && request.Signals?.Distinct().Count() != 1
                ? [("signals", "is not exactly one: in protobuf, requests of several signals cannot be told apart")]
                : []);
}
