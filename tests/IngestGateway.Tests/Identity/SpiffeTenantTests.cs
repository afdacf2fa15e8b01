using StellaOps.Telemetry.IngestGateway.Identity;

namespace StellaOps.Telemetry.IngestGateway.Tests.Identity;

public sealed class SpiffeTenantTests
{
    [Theory]
    [InlineData("spiffe://d.example/tenant/acme", "acme")]
    [InlineData("spiffe://d.example/tenant/acme/collector/edge-1", "acme")]
    [InlineData("spiffe://d.example/tenant/a-1/X_y.z", "a-1")]
    public void TryTenant_Ours_IsTheTenant(string id, string expected)
    {
        Assert.True(SpiffeTenant.TryTenant(id, "d.example", out var tenant));
        Assert.Equal(expected, tenant.Value);
    }

    [Theory]
    [InlineData("spiffe://d.example/tenant/")]
    [InlineData("spiffe://d.example/tenant")]
    [InlineData("spiffe://d.example/tenant/acme/")]
    [InlineData("spiffe://d.example/tenant//acme")]
    [InlineData("spiffe://d.example//tenant/acme")]
    [InlineData("spiffe://d.example/tenant/acme/../globex")]
    [InlineData("spiffe://d.example/tenant/acme/./x")]
    [InlineData("spiffe://d.example/tenant/acme?tenant=globex")]
    [InlineData("spiffe://d.example/tenant/acme#globex")]
    [InlineData("spiffe://d.example/tenant/ac%6De")]
    [InlineData("spiffe://d.example/tenant/ACME")]
    [InlineData("spiffe://d.example/tenant/ácme")]
    [InlineData("spiffe://d.example/tenant/acme\0")]
    [InlineData("spiffe://d.example/tenant/acme ")]
    [InlineData("spiffe://d.example/Tenant/acme")]
    [InlineData("spiffe://D.example/tenant/acme")]
    [InlineData("SPIFFE://d.example/tenant/acme")]
    [InlineData("spiffe://d.example:443/tenant/acme")]
    [InlineData("spiffe://u@d.example/tenant/acme")]
    [InlineData("spiffe://d.example.evil/tenant/acme")]
    [InlineData("spiffe://evil/d.example/tenant/acme")]
    [InlineData("spiffe://d.example/ns/prod/tenant/acme")]
    [InlineData("https://d.example/tenant/acme")]
    [InlineData(" spiffe://d.example/tenant/acme")]
    [InlineData("")]
    public void TryTenant_AnythingElse_IsNone(string id) => Assert.False(SpiffeTenant.TryTenant(id, "d.example", out _));

    [Fact]
    public void TryTenant_TooLong_IsNone() =>
        Assert.False(SpiffeTenant.TryTenant("spiffe://d.example/tenant/acme/" + new string('a', 2048), "d.example", out _));
}
