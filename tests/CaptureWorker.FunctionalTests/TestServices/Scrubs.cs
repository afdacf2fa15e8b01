using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Archive;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.CaptureWorker.FunctionalTests.TestServices;

/// <summary>Scrubs that a worker makes for a test.</summary>
internal static class Scrubs
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <param name="tenant">Whose token asks, and whose archive is scrubbed; <c>*</c>: everybody's.</param>
    public static async Task<ScrubReport> RunAsync(CaptureFixture fixture, RunningService worker, string tenant = "*")
    {
        var client = Client(fixture, worker, tenant);
        var scrub = await client.StartAsync(new StartScrubRequest(tenant == "*" ? null : TenantId.Parse(tenant)), null, CancellationToken.None);
        return await EndOfAsync(client, scrub.Id);
    }

    /// <summary>The report of a scrub that has to succeed.</summary>
    public static async Task<ScrubReport> EndOfAsync(ScrubClient client, string id)
    {
        ScrubResponse scrub = null!;
        await Eventually.HoldsAsync(async () => (scrub = await client.GetAsync(id, CancellationToken.None)).State is ScrubState.Succeeded or ScrubState.Failed, s_patience, "the scrub ends");
        Assert.True(scrub.State == ScrubState.Succeeded, scrub.Failure);
        return scrub.Report;
    }

    public static ScrubClient Client(CaptureFixture fixture, RunningService worker, string tenant = "*") =>
        new(worker.Client(fixture.Issuer.Mint("rita", tenant, KnownScopes.CapturesCreate, KnownScopes.CapturesRead)));
}
