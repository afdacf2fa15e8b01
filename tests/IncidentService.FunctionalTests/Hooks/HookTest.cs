using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Hooks;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IncidentService.FunctionalTests.Hooks.TestServices;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Redis;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Hooks;

/// <summary>A database and a folder of its own for each test of hooks.</summary>
public abstract class HookTest : IAsyncLifetime
{
    private protected IncidentServiceFixture Fixture { get; private set; } = null!;

    private protected HookFolder Folder { get; } = new();

    private protected TenantId Tenant { get; } = IncidentServiceFixture.NewTenant();

    /// <summary>Whether there is a server that speaks Redis: without one incidents stay requested.</summary>
    private protected virtual bool NeedsRedis => false;

    public async ValueTask InitializeAsync() => Fixture = await IncidentServiceFixture.CreateAsync(RedisKind.RedisServer, NeedsRedis);

    public async ValueTask DisposeAsync()
    {
        await Fixture.DisposeAsync();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected Task<RunningService> StartAsync(TimeProvider? time = null) => Fixture.StartServiceAsync(time, Folder.Settings);

    private protected async Task<IReadOnlyList<IncidentResponse>> IncidentsAsync(RunningService service)
    {
        using var client = Fixture.Responder(service);
        return (await (await client.GetAsync("/api/v1/incidents")).ReadAsync<Page<IncidentResponse>>()).Items;
    }

    private protected async Task<string> ActorsAsync()
    {
        await using var rows = Fixture.Database.DataSource.CreateCommand("SELECT string_agg(actor || ' ' || action, ', ' ORDER BY sequence) FROM audit.entries WHERE action LIKE 'incident.%'");
        return await rows.ExecuteScalarAsync() as string ?? "";
    }

    private protected static async Task<string> OutcomeAsync(Task<HttpResponseMessage> post)
    {
        using var response = await post;
        var answer = await response.ReadAsync<HookResponse>();
        return $"{answer.Opened} {answer.Extended} {answer.Resolved} {answer.Unchanged} {answer.Ignored}";
    }
}
