using System.Net;
using StellaOps.Telemetry.Archive.Compaction;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Evidence.Signing;
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
            var (one, three) = (await stack.AddTenantAsync("one"), await stack.AddTenantAsync("three"));
            await stack.AddReplayTargetAsync("again");
            var spread = new[] { three, three.At(second.HttpUrl), three.At(third.HttpUrl) };
            foreach (var sender in (TenantSender[])[one, .. spread])
            {
                await sender.WaitUntilAcceptedAsync(cancellationToken);
            }

            var from = TimeProvider.System.GetUtcNow();
            using (var http = new HttpClient())
            {
                // In turn, so that no order of acceptance is that of a single sender; the second half once segments of the first are in the archive.
                var requests = Enumerable.Range(0, SameRecords.Senders).SelectMany(s => SameRecords.Of(s).Select((r, i) => (Sender: s, Turn: i, r.Signal, r.Body))).ToList();
                foreach (var half in requests.OrderBy(r => r.Turn).GroupBy(r => r.Turn % 2))
                {
                    foreach (var (sender, _, signal, body) in half)
                    {
                        Assert.Equal(HttpStatusCode.OK, await one.PostAsync(http, signal, body, "application/x-protobuf", cancellationToken));
                        Assert.Equal(HttpStatusCode.OK, await spread[sender].PostAsync(http, signal, body, "application/x-protobuf", cancellationToken));
                    }

                    await Eventually.HoldsAsync(() => ChunksOf(process, "three", Signal.Logs) >= spread.Length * (half.Key + 1), TimeSpan.FromSeconds(30), "the half is in the archive");
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
            var spool = Directory.CreateDirectory(Path.Combine(scratch, "spool")).FullName;
            Assert.InRange(await JoinAsync(process.StateDirectory, TenantId.Parse("three"), from, to, spool, cancellationToken), 4, int.MaxValue);
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

    private static int ChunksOf(StackProcess process, string tenant, Signal signal)
    {
        var folder = Path.Combine(process.StateDirectory, "archive", ArchiveLayout.Root, tenant, signal.ToName());
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*" + ArchiveLayout.ManifestSuffix, SearchOption.AllDirectories).Count() : 0;
    }

    /// <summary>Joins all that the window's hours hold, as the worker does with hours that are over.</summary>
    /// <returns>Chunks that were joined.</returns>
    private static async Task<int> JoinAsync(string state, TenantId tenant, DateTimeOffset from, DateTimeOffset to, string spool, CancellationToken cancellationToken)
    {
        var keys = Path.Combine(state, "keys");
        using var key = SigningKey.Load(Path.Combine(keys, KnownServices.CaptureWorker + ".key"));
        var compactor = new Compactor(
            new FolderObjectStore(Path.Combine(state, "archive")), TrustStore.Load(Path.Combine(keys, "trust.json")), key, new CompactionRules(long.MaxValue, long.MaxValue, 2), spool, TimeProvider.System);
        var joined = 0;
        foreach (var signal in SignalNames.All)
        {
            for (var hour = ArchiveLayout.HourOf(NanosecondsOf(from)); hour <= ArchiveLayout.HourOf(NanosecondsOf(to)); hour++)
            {
                var results = await compactor.RunAsync(tenant, signal, ArchiveLayout.StartOfHour(hour), (_, e) => throw e, _ => Task.CompletedTask, cancellationToken);
                joined += results.Sum(r => r.Replaced.Count);
            }
        }

        return joined;
    }

    private static long NanosecondsOf(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) * 100;
}
