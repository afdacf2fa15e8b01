using StellaOps.Telemetry.Contracts.Search;

namespace StellaOps.Telemetry.Archive.Export;

/// <summary>Judges a request for an export.</summary>
public static class ExportRequestRules
{
    /// <summary>All that is wrong with it.</summary>
    public static IEnumerable<(string Field, string Message)> Check(ArchiveExportRequest request)
    {
        if (request.Tenant.Value.Length == 0)
        {
            yield return ("tenant", "is missing");
        }

        if (request.To <= request.From)
        {
            yield return ("to", "is not after from");
        }

        if (request.From < DateTimeOffset.UnixEpoch)
        {
            yield return ("from", "is before 1970");
        }

        if (request.Format == ArchiveExportFormat.Proto && request.Signals?.Distinct().Count() != 1)
        {
            yield return ("signals", "is not exactly one: in protobuf, requests of several signals cannot be told apart");
        }
    }
}
