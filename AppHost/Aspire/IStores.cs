using Aspire.Hosting.ApplicationModel;

namespace StellaOps.Telemetry.AppHost.Aspire;

/// <summary>Where the state of record and the fast state are: containers, or the machine's own programs.</summary>
internal interface IStores
{
    /// <summary>Gives a service the database, and lets it wait for it.</summary>
    void GiveDatabase(IResourceBuilder<ProjectResource> service);

    /// <summary>Gives a service Redis, and lets it wait for it.</summary>
    void GiveRedis(IResourceBuilder<ProjectResource> service);
}
