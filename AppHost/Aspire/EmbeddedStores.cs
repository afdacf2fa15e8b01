using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StellaOps.Telemetry.AppHost.Local;
using StellaOps.Telemetry.AppHost.Local.Processes;
using StellaOps.Telemetry.AppHost.Plan;
using StellaOps.Telemetry.Contracts;
using PlannedResource = StellaOps.Telemetry.AppHost.Plan.Resource;

namespace StellaOps.Telemetry.AppHost.Aspire;

/// <summary>PostgreSQL from the machine's own binaries and the Garnet process: what the local engine starts, as resources of Aspire.</summary>
internal sealed class EmbeddedStores : IStores
{
    private const string DatabaseReady = "postgres-database";

    private readonly IResourceBuilder<ExecutableResource> _postgres;
    private readonly IResourceBuilder<ProjectResource> _redis;
    private readonly string _database;
    private readonly string _redisAddress;

    private EmbeddedStores(IDistributedApplicationBuilder builder, LocalContext context, PostgresChild postgres, ChildCommand command)
    {
        var postgresPlan = Of(KnownServices.Postgres);
        var redisPort = context.Port(Of(KnownServices.Redis), Topology.Tcp).ToString(CultureInfo.InvariantCulture);
        _database = context.PostgresConnection(postgresPlan, "telemetry");
        _redisAddress = "127.0.0.1:" + redisPort;

        // Ready means: it answers, and the database is there. Whoever waits for the resource waits for this check.
        builder.Services.AddHealthChecks().AddAsyncCheck(DatabaseReady, async cancellationToken =>
        {
            if (!await postgres.IsHealthyAsync(cancellationToken))
            {
                return HealthCheckResult.Unhealthy("PostgreSQL does not answer yet");
            }

            await postgres.CompleteAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        });
        _postgres = builder.AddExecutable(KnownServices.Postgres, command.File, command.WorkingDirectory, [.. command.Arguments]).WithHealthCheck(DatabaseReady);
        _redis = builder.AddProject<Projects.StellaOps_Telemetry_Redis>(KnownServices.Redis, launchProfileName: null)
            .WithArgs("--bind", "127.0.0.1", "--port", redisPort);
    }

    public static async Task<EmbeddedStores> PrepareAsync(
        IDistributedApplicationBuilder builder, LocalContext context, string repositoryRoot, string postgresPassword, CancellationToken cancellationToken)
    {
        var postgres = new PostgresChild(Of(KnownServices.Postgres), context, repositoryRoot, postgresPassword, TimeProvider.System);
        return new EmbeddedStores(builder, context, postgres, await postgres.PrepareAsync(cancellationToken));
    }

    public void GiveDatabase(IResourceBuilder<ProjectResource> service) =>
        service.WithEnvironment(KnownEnvironment.PostgresConnection, _database).WaitFor(_postgres);

    public void GiveRedis(IResourceBuilder<ProjectResource> service) =>
        service.WithEnvironment(KnownEnvironment.RedisConnection, _redisAddress).WaitFor(_redis);

    private static PlannedResource Of(string name) => Topology.Resources.First(r => r.Name == name);
}
