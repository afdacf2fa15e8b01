using Microsoft.Extensions.Options;
using StellaOps.Telemetry.CaptureWorker.FunctionalTests.TestServices;
using StellaOps.Telemetry.CaptureWorker.Jobs;
using StellaOps.Telemetry.CaptureWorker.Reading;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Captures;

namespace StellaOps.Telemetry.CaptureWorker.FunctionalTests.Reading;

public sealed class WindowReaderTests
{
    private const long Hour = 3_600_000_000_000;

    [Fact]
    public async Task Read_ChunksAreJoinedMeanwhile_LosesNothing_WheneverItHappens()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        var gateway = await fixture.StartGatewayAsync("gw-1");
        foreach (var before in new[] { 1, 2, 3 })
        {
            // An hour of its own for each.
            var from = fixture.FromNano - (before * Hour);
            for (var i = 0; i < 3; i++)
            {
                var payload = OtlpBytes.Spans("checkout", (1, (byte)((2 * i) + 1), 300, "a"), (1, (byte)((2 * i) + 2), 100, "b"));
                await gateway.ArchiveAsync(gateway.Accept(CaptureFixture.Tenant, Signal.Traces, payload, 2, from + i), payload);
            }

            var store = new CompactingStore(fixture.Archive, fixture.Identities, fixture.PathOf("spool"), from, before);
            using var content = await new WindowReader(store, Options.Create(new CaptureOptions())).ReadAsync(
                JobOf(fixture, from), fixture.PathOf($"sort-{before}"), _ => { }, CancellationToken.None);

            var records = 0;
            await foreach (var _ in content.Signals[Signal.Traces].FramesAsync(_ => { }))
            {
                records++;
            }

            Assert.Equal((before, 3, 6), (before, store.Joined, records));
            Assert.Empty(content.Missing);
        }
    }

    private static CaptureJob JobOf(CaptureFixture fixture, long from) => new(
        "job", CaptureFixture.Tenant, from, from + 1_000_000_000, [], null, null, CaptureState.Running, null, 0, null, 1, null, null, null,
        new Dictionary<string, long>(), [], [], "test", fixture.From, null, 1, null, null, null, null);
}
