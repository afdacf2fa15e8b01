using StellaOps.Telemetry.CaptureWorker.Jobs;
using StellaOps.Telemetry.CaptureWorker.Promotion;
using StellaOps.Telemetry.Contracts.Holds;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.CaptureWorker.Holds;

/// <summary>
/// Saves what a new hold covers from the recorders, which forget, into the archive, and releases holds whose date is past. What comes in while
/// the window still grows is kept by the incident's sampling.
/// </summary>
internal sealed partial class HoldKeeper(HoldStore holds, PromotionClient promotions, DatabaseState database, TimeProvider time, ILogger<HoldKeeper> logger) : DatabaseWorker(database, time)
{
    protected override TimeSpan Period { get; } = TimeSpan.FromSeconds(1);

    public override async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var id in await holds.ReleaseDueAsync(cancellationToken))
        {
            Log.Released(logger, id);
        }

        while (await holds.ClaimPromotionAsync(cancellationToken) is { } hold)
        {
            await PromoteAsync(hold, cancellationToken);
        }
    }

    protected override void OnFailed(string reason) => Log.Failed(logger, reason);

    private async Task PromoteAsync(HoldResponse hold, CancellationToken cancellationToken)
    {
        var to = hold.To is { } end && end < hold.CreatedAt ? end : hold.CreatedAt;

        // Alerts come together: what was copied for the first of them is in the archive, and need not be again.
        var from = await holds.CopiedUntilAsync(hold, cancellationToken) ?? hold.From;
        IReadOnlyList<string> gaps = [];
        if (from < to)
        {
            gaps = (await promotions.PromoteAsync(new PromotionWindow(hold.Id, hold.Tenant, UnixNano.Of(from), UnixNano.Of(to)), cancellationToken)).Gaps;
        }

        await holds.PromotedAsync(hold.Id, gaps, cancellationToken);
        Log.Promoted(logger, hold.Id, hold.Tenant.Value, gaps.Count);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.HoldPromoted, LogLevel.Information, "hold {Id} of tenant {Tenant}: its window is in the archive, {Gaps} gaps")]
        public static partial void Promoted(ILogger logger, string id, string tenant, int gaps);

        [LoggerMessage(EventIds.HoldReleased, LogLevel.Information, "hold {Id} is past its date: released")]
        public static partial void Released(ILogger logger, string id);

        [LoggerMessage(EventIds.HoldsFailed, LogLevel.Warning, "holds are not looked after until PostgreSQL is back: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
