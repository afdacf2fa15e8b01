using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Telemetry;

namespace StellaOps.Telemetry.Demo.Steps;

/// <summary>Nothing personal reached the disk: the decompressed content of all state is searched.</summary>
internal sealed class PersonalDataStep : IStoryStep
{
    public string Name => "redaction";

    public async Task<string> RunAsync(StoryContext context, CancellationToken cancellationToken)
    {
        // The archive exporter closes its segments within seconds; searching after that covers them too.
        await Eventually.HoldsAsync(
            async () => (await context.Stack.Gateway.GetSelfAsync(cancellationToken)).Exporters.All(e => e.PendingRecords == 0),
            TimeSpan.FromSeconds(30),
            "the exporters are done");
        var (hits, files, bytes) = PersonalDataSearch.Search(context.StateDirectory, PersonalData.Needles);
        StoryException.ThrowUnless(hits.Count == 0, "personal data on disk: " + string.Join(", ", hits.Take(5).Select(h => $"{h.Name} in {h.File}")));
        return $"0 finds of {PersonalData.Needles.Count} seeds in {files:N0} files, {bytes / 1048576.0:N0} MiB decompressed";
    }
}
