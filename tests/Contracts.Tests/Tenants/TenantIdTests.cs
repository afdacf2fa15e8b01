using System.Text.Json;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Contracts.Tests.Tenants;

public sealed class TenantIdTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("7")]
    [InlineData("acme")]
    [InlineData("acme-eu-1")]
    [InlineData("a--b")]
    [InlineData("stella-system")]
    [InlineData("abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij123")]
    public void Parse_AName_GivesIt(string name)
    {
        Assert.True(TenantId.TryParse(name, out var tenant));
        Assert.Equal(name, tenant.Value);
        Assert.Equal(name, tenant.ToString());
        Assert.Equal(tenant, TenantId.Parse(name));
    }

    // What would be another place in a path, another label or another statement.
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("-")]
    [InlineData("-a")]
    [InlineData("a-")]
    [InlineData("Acme")]
    [InlineData("acmé")]
    [InlineData("٣")]
    [InlineData("a_b")]
    [InlineData("a.b")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("a\0")]
    [InlineData("abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij1234")]
    public void Parse_AnythingElse_IsRefused(string? text)
    {
        Assert.False(TenantId.TryParse(text, out var tenant));
        Assert.Equal(default, tenant);
        if (text is not null)
        {
            Assert.Throws<FormatException>(() => TenantId.Parse(text));
        }
    }

    [Theory]
    [InlineData("""{"tenant":"Not A Tenant"}""")]
    [InlineData("""{"tenant":""}""")]
    [InlineData("""{"tenant":"*"}""")]
    [InlineData("""{"tenant":7}""")]
    [InlineData("""{"tenant":null}""")]
    public void Json_OfAnythingElse_IsAJsonError(string body) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(body, ContractsJson.Default.AddTenantRequest));

    [Fact]
    public void Default_IsNoTenant()
    {
        Assert.Equal("", default(TenantId).Value);
        Assert.NotEqual(TenantId.System, default);
    }
}
