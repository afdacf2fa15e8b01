using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.EndToEnd.Tests.TestServices;

/// <summary>What became of what a tenant sent.</summary>
internal static class Books
{
    private static readonly TimeSpan s_settledWithin = TimeSpan.FromSeconds(40);

    /// <summary>Every span that was taken is decided, none was dropped, and all that is kept is in the archive, once.</summary>
    public static async Task<(long Kept, long SampledOut)> AssertBalancedAsync(RunningStack stack, string tenant, DateTimeOffset from, CancellationToken cancellationToken)
    {
        (long Accepted, long Kept, long SampledOut, long Undecided) sum = default;
        await Eventually.HoldsAsync(
            async () => (sum = await SumAsync(stack, tenant, cancellationToken)).Undecided == 0, s_settledWithin, $"every span of {tenant} is decided");
        Assert.Equal(sum.Accepted, sum.Kept + sum.SampledOut);
        var archive = new ArchivedSpans(stack.StateDirectory, tenant);
        var archived = 0;
        await Eventually.HoldsAsync(
            async () => (archived = (await archive.ReadAsync(from, cancellationToken)).Count) >= sum.Kept, s_settledWithin, $"the {sum.Kept} kept spans of {tenant} are in the archive");
        Assert.Equal(sum.Kept, archived);
        return (sum.Kept, sum.SampledOut);
    }

    private static async Task<(long Accepted, long Kept, long SampledOut, long Undecided)> SumAsync(RunningStack stack, string tenant, CancellationToken cancellationToken)
    {
        var ledger = await stack.Gateway.GetLedgerAsync(TenantId.Parse(tenant), null, null, cancellationToken);
        var rows = ledger.Rows.Where(r => r.Signal == Signal.Traces).ToList();
        return (rows.Sum(r => r.Accepted), rows.Sum(r => r.Kept), rows.Sum(r => r.SampledOut), rows.Sum(r => r.Undecided));
    }
}
