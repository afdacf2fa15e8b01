using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Captures;

namespace StellaOps.Telemetry.Cli.Commands.Captures;

/// <summary>What both ways to wait for a capture do at its end: fetch the bundle, show it, warn of what it lacks.</summary>
internal static class CaptureEnd
{
    /// <param name="target">Value of <c>--out</c>, or null.</param>
    /// <param name="mustBeComplete">Whether a bundle that lacks something is a failure; it is fetched all the same.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> FetchAsync(CommandContext context, CaptureResponse job, string? target, bool mustBeComplete, CancellationToken cancellationToken)
    {
        if (job.State == CaptureState.Cancelled)
        {
            throw new CliException(CliExitCodes.Failed, $"capture {job.Id} was ended: {job.Failure}");
        }

        if (job.State != CaptureState.Succeeded)
        {
            throw new CliException(CliExitCodes.Failed, $"capture {job.Id} failed: {job.Failure}", "mend what it names (the capture worker's log has more) and capture again");
        }

        using (var http = context.Connect(KnownServices.CaptureWorker, KnownScopes.CapturesExport, job.Tenant.Value))
        {
            var folder = CaptureTarget.FolderOf(target, job.BundleName!, context.Host.WorkingDirectory);
            await new CaptureDownload(new CaptureClient(http)).FetchAsync(job, folder, cancellationToken);
            context.Output.Note($"bundle in {folder}");
        }

        context.Output.Print(job, ContractsJson.Default.CaptureResponse, CaptureTables.Of);
        if (job.Complete != false)
        {
            return CliExitCodes.Done;
        }

        context.Output.Note($"{(mustBeComplete ? "error" : "warning")}: the bundle is not complete:");
        foreach (var reason in job.Incomplete ?? [])
        {
            context.Output.Note($"  {reason}");
        }

        return mustBeComplete ? CliExitCodes.Failed : CliExitCodes.Done;
    }
}
