using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.AppHost.Aspire;

/// <summary>PostgreSQL and Redis as containers, here and wherever it is published to.</summary>
internal sealed class ContainerStores : IStores
{
    private readonly IResourceBuilder<PostgresDatabaseResource> _database;
    private readonly IResourceBuilder<RedisResource> _redis;

    public ContainerStores(IDistributedApplicationBuilder builder)
    {
        _database = builder.AddPostgres(KnownServices.Postgres).WithDataVolume().AddDatabase("telemetry");
        _redis = builder.AddRedis(KnownServices.Redis);
    }

    public void GiveDatabase(IResourceBuilder<ProjectResource> service) => service.WithReference(_database).WaitFor(_database);

    public void GiveRedis(IResourceBuilder<ProjectResource> service) => service.WithReference(_redis).WaitFor(_redis);
}
