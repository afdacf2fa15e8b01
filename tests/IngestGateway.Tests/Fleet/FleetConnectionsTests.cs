using Microsoft.Extensions.Options;
using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.IngestGateway.Fleet;
using StellaOps.Telemetry.ServiceDefaults.Auth;

namespace StellaOps.Telemetry.IngestGateway.Tests.Fleet;

public sealed class FleetConnectionsTests
{
    [Theory]
    [InlineData("http")]
    [InlineData("ws")]
    public async Task Http_SealedAndNotListed_IsDeniedByTheOneDialer(string scheme)
    {
        using var connections = new FleetConnections(new EgressDialer(EgressPolicy.Sealed(["fleet.example"]), new SystemHostResolver(), null), Options.Create(new StellaAuthOptions()));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{scheme}://elsewhere.example/v1/opamp");

        var e = await Assert.ThrowsAsync<HttpRequestException>(() => connections.Http.SendAsync(request, TestContext.Current.CancellationToken));

        Assert.Equal("elsewhere.example:80", EgressDeniedException.In(e)?.Host);
    }
}
