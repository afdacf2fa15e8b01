using StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests;

/// <summary>One running gateway for the tests of a class; each test uses a tenant of its own where it counts anything.</summary>
public sealed class GatewayFixture : IAsyncLifetime
{
    internal GatewayUnderTest Gateway { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Gateway = await GatewayUnderTest.StartNewAsync();

    public async ValueTask DisposeAsync() => await Gateway.DisposeAsync();
}
