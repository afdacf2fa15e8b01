using System.Text.Json;
using Npgsql;
using OpenTelemetry.Exporter;
using StackExchange.Redis;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.EndToEnd.Tests;

/// <summary>A capture depends on the records alone: not on who makes it, nor on what an earlier one left behind.</summary>
public sealed class RecaptureTests
{
    private const string SecondWorker = "the-second-worker";

    [Fact]
    public async Task Capture_ByAnotherWorkerAfterJobsAndCachesAreGone_HasTheSameHash()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var process = await StackProcess.StartAsync();
        using var stack = await RunningStack.OpenAsync(process.StateDirectory);
        var scratch = Directory.CreateTempSubdirectory("stella-recapture-").FullName;
        try
        {
            var tenant = await stack.AddTenantAsync("acme");
            await tenant.WaitUntilAcceptedAsync(cancellationToken);
            var from = TimeProvider.System.GetUtcNow();
            foreach (var protocol in (OtlpExportProtocol[])[OtlpExportProtocol.Grpc, OtlpExportProtocol.HttpProtobuf])
            {
                using var workload = tenant.StartWorkload("shop", protocol);
                workload.Serve(200, errorEvery: 20);
                workload.FlushAll();
            }

            var to = TimeProvider.System.GetUtcNow();
            var first = await stack.CaptureAsync(tenant.Name, from, to, Directory.CreateDirectory(Path.Combine(scratch, "first")).FullName);
            var environment = SiblingProcess.EnvironmentOf(stack.ProcessIdOf(KnownServices.CaptureWorker));
            using var http = RunningStack.NewAdminHttp(stack.Url(KnownServices.CaptureWorker, "http"), stack.Token);
            var captures = new CaptureClient(http);
            var firstJob = Assert.Single((await captures.ListAsync(TenantId.Parse(tenant.Name), null, cancellationToken)).Items);
            await EndFirstWorkerAsync(process);
            await WipeAsync(environment, process.StateDirectory, cancellationToken);

            await using var worker = await SiblingProcess.StartAsync(
                "CaptureWorker",
                environment,
                new Dictionary<string, string>
                {
                    ["Stella__Capture__WorkerName"] = SecondWorker,
                    [KnownEnvironment.CaptureBundlePath] = Path.Combine(scratch, "bundles of the second worker"),
                },
                cancellationToken);
            Assert.Empty((await captures.ListAsync(null, null, cancellationToken)).Items);
            var second = await stack.CaptureAsync(tenant.Name, from, to, Directory.CreateDirectory(Path.Combine(scratch, "second")).FullName);

            var secondJob = Assert.Single((await captures.ListAsync(TenantId.Parse(tenant.Name), null, cancellationToken)).Items);
            Assert.Equal(SecondWorker, secondJob.Worker);
            Assert.NotEqual((firstJob.Id, firstJob.Worker), (secondJob.Id, secondJob.Worker));
            Assert.Equal(SecondWorker, WorkerIn(second));
            Assert.Equal(1200, first.Records["traces"]);
            Assert.Equal(first.Records, second.Records);
            Assert.Empty(second.Gaps);
            Assert.Equal(first.ArchiveHash, second.ArchiveHash);
            Assert.Equal(first.Archives.Select(File.ReadAllBytes), second.Archives.Select(File.ReadAllBytes));
            var verified = await stack.Stella.TelemetryAsync("verify", second.Archives[0], "--key", stack.EvidenceKey);
            Assert.True(verified.ExitCode == 0, verified.Output + verified.Error);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    /// <summary>AppHost is held meanwhile, so that it does not start it again.</summary>
    private static async Task EndFirstWorkerAsync(StackProcess process)
    {
        await process.FreezeHostAsync();
        var worker = await process.KillAsync(KnownServices.CaptureWorker);
        await Eventually.HoldsAsync(() => !StackProcess.IsAlive(worker), TimeSpan.FromSeconds(10), "the first worker is gone");
    }

    /// <summary>Jobs and what PostgreSQL knows of them, everything in Redis, every finished bundle, every copy that the first capture had made.</summary>
    private static async Task WipeAsync(IReadOnlyDictionary<string, string> environment, string stateDirectory, CancellationToken cancellationToken)
    {
        await using (var database = NpgsqlDataSource.Create(environment[KnownEnvironment.PostgresConnection]))
        {
            await using var wipe = database.CreateCommand("TRUNCATE capture.jobs");
            await wipe.ExecuteNonQueryAsync(cancellationToken);
        }

        var redis = ConfigurationOptions.Parse(environment[KnownEnvironment.RedisConnection]);
        redis.AllowAdmin = true;
        await using (var connection = await ConnectionMultiplexer.ConnectAsync(redis))
        {
            await connection.GetServers().Single().FlushAllDatabasesAsync();
        }

        Directory.Delete(Path.Combine(stateDirectory, "bundles"), recursive: true);
        var promoted = Directory.EnumerateFiles(Path.Combine(stateDirectory, "archive"), "*", SearchOption.AllDirectories)
            .Where(f => f.Contains("promoted", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(promoted);
        promoted.ForEach(File.Delete);
    }

    private static string? WorkerIn(CapturedBundle bundle)
    {
        using var provenance = JsonDocument.Parse(File.ReadAllBytes(bundle.Provenance));
        return provenance.RootElement.GetProperty("worker").GetString();
    }
}
