using System.Diagnostics;
using System.Globalization;
using System.Net;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Tests.Shared.Postgres;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.ProfileService.FunctionalTests.Defaults;

/// <summary>The service as a process of its own, wired by environment variables as AppHost does it.</summary>
public sealed class ProcessTests(ProfileServiceFixture fixture) : IClassFixture<ProfileServiceFixture>
{
    private static readonly TimeSpan s_end = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Parent_Killed_EndsTheService()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var parent = SupervisedProcess.Start("TERM", ["sleep", "300"]);
        var parentId = await parent.ChildId;
        var (service, url) = Start(database, new() { [KnownEnvironment.ParentProcessId] = parentId.ToString(CultureInfo.InvariantCulture) });
        await using (service)
        {
            await HealthyAsync(service, url);
            await parent.KillAsync();
            await Eventually.HoldsAsync(() => service.HasExited, s_end, $"it ends with its parent. It wrote: {service.Output}");
            Assert.Contains("which started this one, is gone", service.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Parent_NotThereAtStart_EndsTheService()
    {
        await using var database = await TestDatabase.CreateAsync();
        using var gone = Process.Start("true");
        await gone.WaitForExitAsync();
        var (service, _) = Start(database, new() { [KnownEnvironment.ParentProcessId] = gone.Id.ToString(CultureInfo.InvariantCulture) });
        await using (service)
        {
            await Eventually.HoldsAsync(() => service.HasExited, s_end, $"it ends. It wrote: {service.Output}");
        }
    }

    [Fact]
    public async Task Stop_LongPollOpen_EndsWithinSeconds()
    {
        await using var database = await TestDatabase.CreateAsync();
        var (service, url) = Start(database, []);
        await using (service)
        {
            await HealthyAsync(service, url);
            using var agent = new HttpClient { BaseAddress = url };
            agent.DefaultRequestHeaders.Authorization = new("Bearer", fixture.Issuer.Mint("gw", "*", KnownScopes.FleetAgent));
            using var snapshot = await agent.GetAsync("/api/v1/gateways/snapshot");
            agent.DefaultRequestHeaders.IfNoneMatch.Add(snapshot.Headers.ETag!);
            var pending = agent.GetAsync("/api/v1/gateways/snapshot?waitSeconds=30");
            await Task.Delay(200);
            var watch = Stopwatch.StartNew();
            await service.StopAsync();
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(4), $"took {watch.Elapsed}: {service.Output}");
            await Task.WhenAny(pending);
        }
    }

    [Fact]
    public async Task MigrateOnly_EmptyDatabase_MakesTheSchemasAndReturns()
    {
        await using var database = await TestDatabase.CreateAsync();
        var (service, _) = Start(database, [], "--migrate-only");
        await using (service)
        {
            await Eventually.HoldsAsync(() => service.HasExited, s_end, $"it returns. It wrote: {service.Output}");
        }

        await using var tables = database.DataSource.CreateCommand("SELECT count(*) FROM pg_tables WHERE (schemaname, tablename) IN (('audit', 'entries'), ('profile', 'tenants'), ('profile', 'ingest_keys'))");
        Assert.Equal(3L, await tables.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Start_NothingSet_SaysAllThatIsMissingInOneLine()
    {
        await using var service = SupervisedProcess.Start("TERM", ["dotnet", Assembly()], new Dictionary<string, string> { [KnownEnvironment.AspNetCoreUrls] = "http://127.0.0.1:0" });
        await Eventually.HoldsAsync(() => service.HasExited, s_end, "it ends");
        await service.StopAsync();
        var line = Assert.Single(service.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("cannot start: ", line, StringComparison.Ordinal);
        foreach (var key in new[] { KnownEnvironment.AuthJwksFile, KnownEnvironment.IdentityKeyFile, KnownEnvironment.PostgresConnection, KnownEnvironment.TrustFile })
        {
            Assert.Contains(key, line, StringComparison.Ordinal);
        }
    }

    private (SupervisedProcess Service, Uri Url) Start(TestDatabase database, Dictionary<string, string> more, params string[] arguments)
    {
        var url = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        var environment = fixture.Environment(database.ConnectionString);
        environment[KnownEnvironment.AspNetCoreUrls] = url.ToString();
        foreach (var (key, value) in more)
        {
            environment[key] = value;
        }

        return (SupervisedProcess.Start("TERM", ["dotnet", Assembly(), .. arguments], environment), url);
    }

    private static string Assembly() => Repository.ServiceAssembly("StellaOps.Telemetry.ProfileService");

    private static async Task HealthyAsync(SupervisedProcess service, Uri url)
    {
        using var client = new HttpClient { BaseAddress = url };
        await Eventually.HoldsAsync(
            async () =>
            {
                Assert.False(service.HasExited, service.Output);
                try
                {
                    using var response = await client.GetAsync("/health");
                    return response.StatusCode == HttpStatusCode.OK;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            TimeSpan.FromSeconds(30),
            "it is healthy");
    }
}
