using Spectre.Console;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Contracts.Captures;

namespace StellaOps.Telemetry.Cli.Commands.Captures;

/// <summary>Captures for people.</summary>
internal static class CaptureTables
{
    public static Table Of(CaptureResponse job) => OutputWriter.Properties(
    [
        ("capture", job.Id),
        ("tenant", job.Tenant.Value),
        ("window", $"{OutputWriter.Time(job.From)} to {OutputWriter.Time(job.To)}"),
        ("state", StateOf(job)),
        ("failure", job.Failure),
        ("bundle", job.BundleName),
        ("archive hash", job.ArchiveHash),
        ("records", job.Records.Count == 0 ? null : string.Join(", ", job.Records.Select(r => $"{r.Key} {r.Value}"))),
        ("files", job.Files.Count == 0 ? null : string.Join(", ", job.Files.Select(f => f.Name))),
        .. (job.Incomplete ?? []).Select(r => ("lacks", (string?)r)),
        .. job.Gaps.Except(job.Incomplete ?? []).Select(g => ("gap", (string?)g)),
    ]);

    public static Table Of(IReadOnlyList<CaptureResponse> jobs)
    {
        var table = OutputWriter.NewTable("capture", "tenant", "from", "to", "state", "records", "requested", "by");
        foreach (var job in jobs)
        {
            table.AddRow(
            [
                .. ((string[])
                [
                    job.Id, job.Tenant.Value, OutputWriter.Time(job.From), OutputWriter.Time(job.To), StateOf(job),
                    string.Join(", ", job.Records.Select(r => $"{r.Key} {r.Value}")), OutputWriter.Time(job.RequestedAt), job.RequestedBy,
                ]).Select(Markup.Escape),
            ]);
        }

        return table;
    }

    /// <summary>A bundle that lacks something is never called just done.</summary>
    public static string StateOf(CaptureResponse job) => job.State switch
    {
        CaptureState.Running => $"{job.Phase ?? "running"}, {job.Progress:P0}",
        CaptureState.Succeeded => job.Complete switch { true => "complete", false => "INCOMPLETE", null => "succeeded" },
        _ => job.State.ToString().ToLowerInvariant(),
    };
}
