using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.Demo.Steps;

/// <summary>The bundle is replayed into a second, empty gateway; what that one received is counted, captured and compared.</summary>
internal sealed class ReplayStep : IStoryStep
{
    private static readonly TimeSpan s_ledgerPatience = TimeSpan.FromSeconds(10);

    public string Name => "replay";

    public async Task<string> RunAsync(StoryContext context, CancellationToken cancellationToken)
    {
        var sealedTenant = context.TenantName("sealed");
        await context.Stack.AddReplayTargetAsync(sealedTenant);
        await using var second = await SecondGateway.StartAsync(context.Stack, context.NewFolder("second-gateway"), cancellationToken);
        var from = TimeProvider.System.GetUtcNow();
        var replay = await second.ReplayAsync(context.Original, sealedTenant);
        StoryException.ThrowUnless(replay.ExitCode == 0, "the replay did not prove its counts: " + replay.Error + replay.Output);
        var to = TimeProvider.System.GetUtcNow();

        // The ledger follows the log a moment later.
        IReadOnlyDictionary<string, long> accepted = new Dictionary<string, long>();
        await Eventually.HoldsAsync(
            async () => (accepted = await second.AcceptedAsync(sealedTenant, cancellationToken)).Values.Sum() >= context.Original.Records.Values.Sum(),
            s_ledgerPatience,
            "the second gateway's ledger counts all of it");
        foreach (var (signal, records) in context.Original.Records)
        {
            StoryException.ThrowUnless(accepted.GetValueOrDefault(signal) == records, $"the second gateway accepted {accepted.GetValueOrDefault(signal)} {signal}, the manifest says {records}");
        }

        var again = await context.Stack.CaptureAsync(sealedTenant, from, to, context.NewFolder("replayed"));
        StoryException.ThrowUnless(again.ArchiveHash == context.Original.ArchiveHash, $"capturing the replay gives {again.ArchiveHash}, not {context.Original.ArchiveHash}");
        return $"{accepted.Values.Sum():N0} records received by a second, empty gateway, as the manifest says; capturing them gives the same sha256 {again.ArchiveHash[..16]}...";
    }
}
