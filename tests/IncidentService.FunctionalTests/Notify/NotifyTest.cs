using StellaOps.Telemetry.IncidentService.FunctionalTests.Notify.TestServices;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Redis;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Notify;

/// <summary>A database, a receiver and a folder of its own for each test of notifications.</summary>
public abstract class NotifyTest : IAsyncLifetime
{
    private protected IncidentServiceFixture Fixture { get; private set; } = null!;

    private protected HookReceiver Receiver { get; private set; } = null!;

    private protected NotifyFolder Folder { get; } = new();

    public async ValueTask InitializeAsync()
    {
        Fixture = await IncidentServiceFixture.CreateAsync(RedisKind.RedisServer);
        Receiver = await HookReceiver.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Receiver.DisposeAsync();
        await Fixture.DisposeAsync();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected Task<RunningService> StartServiceAsync(TimeProvider? time = null) => Fixture.StartServiceAsync(time, Folder.Settings);
}
