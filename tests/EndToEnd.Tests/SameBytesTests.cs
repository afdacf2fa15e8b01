using System.Net;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.EndToEnd.Tests;

/// <summary>
/// The same records give the same bytes: whichever worker captures them, from one gateway or three, in whichever tenant, from a replay, from an
/// archive whose segments were joined, with the gateways gone.
/// </summary>
public sealed class SameBytesTests
{
    private const int PerSignal = SameRecords.Senders * SameRecords.Requests * SameRecords.RecordsPerRequest;

    [Fact]
    public async Task Capture_SameRecordsHoweverTheyCame_HasOneHash()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var process = await StackProcess.StartAsync();
        using var stack = await RunningStack.OpenAsync(process.StateDirectory);
        var scratch = Directory.CreateTempSubdirectory("stella-same-").FullName;
        try
        {
            // 1. One tenant's senders all speak to one gateway, another one's to a gateway each.
            await using var second = await SecondGateway.StartAsync(stack, Path.Combine(scratch, "second"), cancellationToken);
            await using var third = await SecondGateway.StartAsync(stack, Path.Combine(scratch, "third"), cancellationToken);
            var (one, three, again) = (await stack.AddTenantAsync("one"), await stack.AddTenantAsync("three"), await stack.AddTenantAsync("again"));
            var spread = new[] { three, three.At(second.HttpUrl), three.At(third.HttpUrl) };
            foreach (var sender in (TenantSender[])[one, .. spread, again.At(second.HttpUrl)])
            {
                await sender.WaitUntilAcceptedAsync(cancellationToken);
            }

            var from = TimeProvider.System.GetUtcNow();
            using (var http = new HttpClient())
            {
                // In turn, so that no order of acceptance is that of a single sender.
                var requests = Enumerable.Range(0, SameRecords.Senders).SelectMany(s => SameRecords.Of(s).Select((r, i) => (Sender: s, Turn: i, r.Signal, r.Body)));
                foreach (var (sender, _, signal, body) in requests.OrderBy(r => r.Turn))
                {
                    Assert.Equal(HttpStatusCode.OK, await one.PostAsync(http, signal, body, "application/x-protobuf", cancellationToken));
                    Assert.Equal(HttpStatusCode.OK, await spread[sender].PostAsync(http, signal, body, "application/x-protobuf", cancellationToken));
                }
            }

            // 2. By the stack's worker, and by another one.
            var to = TimeProvider.System.GetUtcNow();
            var bundles = new List<(string From, CapturedBundle Bundle)> { ("one gateway", await CaptureAsync("one", from, to)), ("three gateways", await CaptureAsync("three", from, to)) };
            var environment = SiblingProcess.EnvironmentOf(stack.ProcessIdOf(KnownServices.CaptureWorker));
            await process.FreezeHostAsync();
            var killed = await process.KillAsync(KnownServices.CaptureWorker);
            await Eventually.HoldsAsync(() => !StackProcess.IsAlive(killed), TimeSpan.FromSeconds(10), "the first worker is gone");
            await using var worker = await SiblingProcess.StartAsync(
                "CaptureWorker",
                environment,
                new Dictionary<string, string>
                {
                    ["Stella__Capture__WorkerName"] = "the-second-worker",
                    ["Stella__Capture__PromotionTimeout"] = "00:00:03",
                    [KnownEnvironment.CaptureBundlePath] = Path.Combine(scratch, "bundles"),
                },
                cancellationToken);
            bundles.Add(("three gateways, by another worker", await CaptureAsync("three", from, to)));

            // 3. From a replay.
            var replayFrom = TimeProvider.System.GetUtcNow();
            var replay = await second.ReplayAsync(bundles[0].Bundle, "again");
            Assert.True(replay.ExitCode == 0, replay.Output + replay.Error);
            bundles.Add(("a replay", await CaptureAsync("again", replayFrom, TimeProvider.System.GetUtcNow())));
            Assert.All(bundles, b => Assert.Empty(b.Bundle.Gaps));

            // 4. From joined segments alone: the gateways are gone.
            await process.KillAsync(KnownServices.IngestGateway);
            await second.KillAsync();
            await third.KillAsync();
            var archive = new FolderObjectStore(Path.Combine(process.StateDirectory, "archive"));
            Assert.True(await JoinAsync(archive, TenantId.Parse("three"), from, to, Path.Combine(scratch, "spool"), cancellationToken) > 9, "there were segments to join");
            var joined = await CaptureAsync("three", from, to);
            Assert.Equal(3, joined.Gaps.Count(g => g.Contains("did not answer", StringComparison.Ordinal)));
            bundles.Add(("joined segments", joined));

            Assert.All(bundles, b => Assert.Equal(new Dictionary<string, long> { ["logs"] = PerSignal, ["metrics"] = PerSignal, ["traces"] = PerSignal }, b.Bundle.Records));
            Assert.True(bundles.Select(b => b.Bundle.ArchiveHash).Distinct().Count() == 1, string.Join('\n', bundles.Select(b => $"{b.Bundle.ArchiveHash} {b.From}")));
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }

        Task<CapturedBundle> CaptureAsync(string tenant, DateTimeOffset windowFrom, DateTimeOffset windowTo) =>
            stack.CaptureAsync(tenant, windowFrom, windowTo, Directory.CreateDirectory(Path.Combine(scratch, Guid.NewGuid().ToString("n"))).FullName);
    }

    /// <summary>Puts all frames of a gateway's segments of a signal and hour into one segment, in another order, and deletes those.</summary>
    /// <returns>How many there were.</returns>
    private static async Task<int> JoinAsync(FolderObjectStore archive, TenantId tenant, DateTimeOffset from, DateTimeOffset to, string spool, CancellationToken cancellationToken)
    {
        var found = new List<ChunkManifest>();
        await foreach (var manifest in new ArchiveCatalog(archive).FindAsync(tenant, [.. SignalNames.All], NanosecondsOf(from), NanosecondsOf(to), null, cancellationToken))
        {
            found.Add(manifest);
        }

        foreach (var group in found.GroupBy(m => (m.Signal, m.GatewayId, Path.GetDirectoryName(m.SegmentKey))))
        {
            var frames = new List<SegmentFrame>();
            foreach (var manifest in group)
            {
                await foreach (var frame in SegmentReader.ReadAsync(archive, manifest, cancellationToken))
                {
                    frames.Add(frame);
                }
            }

            using var writer = new SegmentWriter(tenant, group.Key.Signal, group.Key.GatewayId, KnownTiers.Default, spool);
            frames.Reverse();
            frames.ForEach(f => writer.Append(f.Envelope, f.Payload.Span));
            await writer.CompleteAsync(archive, cancellationToken);
            foreach (var manifest in group)
            {
                await archive.DeleteAsync(manifest.ManifestKey, cancellationToken);
                await archive.DeleteAsync(manifest.SegmentKey, cancellationToken);
            }
        }

        return found.Count;
    }

    private static long NanosecondsOf(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) * 100;
}
