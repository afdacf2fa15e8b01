using StellaOps.Telemetry.CaptureWorker.FunctionalTests.TestServices;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Captures;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.CaptureWorker.FunctionalTests.Jobs;

/// <summary>The worker's process is killed at random moments of a capture. <c>eng/worker-crash.sh captures</c> does it for long.</summary>
public sealed class CaptureCrashTests
{
    private const int Batches = 40;
    private const int SpansPerBatch = 100;
    private static readonly (string Key, string Value) s_neverGivenUp = ("Stella__Capture__MaxAttempts", "10000");

    [Fact]
    public async Task Worker_KilledAgainAndAgain_AnotherMakesTheSameBundleAndNothingIsLeft()
    {
        var kills = Kills.OrInShort(2);
        var random = new Random(kills);
        await using var fixture = await CaptureFixture.StartAsync();
        var gateway = await fixture.StartGatewayAsync("gw-1");
        for (var i = 0; i < Batches; i++)
        {
            var spans = Enumerable.Range(0, SpansPerBatch).Select(n => ((byte)i, (byte)n, (ulong)random.Next(), new string('x', 200))).ToArray();
            gateway.Accept(CaptureFixture.Tenant, Signal.Traces, OtlpBytes.Spans("checkout", spans), SpansPerBatch, fixture.FromNano + i);
        }

        gateway.Answer();

        // The first worker shows what has to come out, the second one only answers questions: to it no window is settled yet.
        var first = await fixture.StartWorkerAsync("first");
        var expected = await fixture.CaptureAsync(first);
        await fixture.StopWorkerAsync(first);
        var client = fixture.Client(await fixture.StartWorkerAsync("desk", ("Stella__Capture__Settle", "1.00:00:00"), s_neverGivenUp));
        var ids = new List<string> { expected.Id };
        var killed = 0;
        SiblingProcess? worker = null;
        try
        {
            while (killed < kills)
            {
                var job = await client.CreateAsync(new CreateCaptureRequest(CaptureFixture.Tenant, fixture.From, fixture.To), null, CancellationToken.None);
                ids.Add(job.Id);
                while (true)
                {
                    var name = $"worker-{killed}";
                    worker ??= await StartAsync(fixture, name);
                    if (killed < kills)
                    {
                        await Eventually.HoldsAsync(
                            async () => (job = await client.GetAsync(job.Id, CancellationToken.None)).Worker == name, TimeSpan.FromSeconds(30), $"{name} takes it up");
                        await Task.Delay(random.Next(1000));
                        job = await client.GetAsync(job.Id, CancellationToken.None);
                    }
                    else
                    {
                        job = await CaptureFixture.EndOfAsync(client, job.Id);
                    }

                    if (job.State != CaptureState.Running)
                    {
                        break;
                    }

                    await worker.DisposeAsync();
                    worker = null;
                    killed++;
                }

                Assert.Equal((CaptureState.Succeeded, expected.ArchiveHash, true), (job.State, job.ArchiveHash, job.Complete));
            }

            await Eventually.HoldsAsync(
                () => !Directory.EnumerateFileSystemEntries(Path.Combine(fixture.BundlePath, ".work")).Any(), TimeSpan.FromSeconds(10), "nothing half done is left");
        }
        finally
        {
            if (worker is not null)
            {
                await worker.DisposeAsync();
            }
        }

        Assert.Equal(ids.Append(".work").Order(StringComparer.Ordinal), Directory.EnumerateDirectories(fixture.BundlePath).Select(d => Path.GetFileName(d)).Order(StringComparer.Ordinal));
        TestContext.Current.TestOutputHelper?.WriteLine($"{killed} kills over {ids.Count - 1} captures, every archive hash {expected.ArchiveHash}");
    }

    private static Task<SiblingProcess> StartAsync(CaptureFixture fixture, string name)
    {
        var environment = fixture.EnvironmentOf(
            name,
            ("Stella__Capture__Lease", "00:00:03"),
            s_neverGivenUp,
            ("Stella__Capture__SortBlockBytes", "65536"),
            (KnownEnvironment.AspNetCoreUrls, SiblingProcess.NewUrl().ToString()));
        return SiblingProcess.StartAsync("CaptureWorker", SiblingProcess.OwnEnvironment(), environment, CancellationToken.None);
    }
}
