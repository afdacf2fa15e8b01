using System.Text;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.Admission;

/// <summary>Nothing that the policy names reaches the log; with the policy off everything does.</summary>
public sealed class RedactionTests
{
    private const string Mail = "ada.lovelace@example.org";
    private const string Card = "4111 1111 1111 1111";

    [Theory]
    [InlineData(Signal.Traces)]
    [InlineData(Signal.Metrics)]
    [InlineData(Signal.Logs)]
    public async Task Send_PersonalData_IsRedactedBeforeTheLogAndCounted(Signal signal)
    {
        await using var gateway = await GatewayUnderTest.StartNewAsync(profile: TestProfiles.Redacting);
        using var counted = new MeasuredCount(gateway, "telemetry.redactions", "rule", "email");
        using var sender = gateway.Grpc(gateway.Writer("acme"));

        await sender.ExportAsync(signal, WithPersonalData(signal));

        var logged = Encoding.UTF8.GetString(Assert.Single(gateway.Log.Batches).Payload);
        Assert.DoesNotContain(Mail, logged, StringComparison.Ordinal);
        Assert.DoesNotContain(Card, logged, StringComparison.Ordinal);
        Assert.Contains("checkout", logged, StringComparison.Ordinal);
        Assert.True(counted.Count > 0);
    }

    [Fact]
    public async Task Send_PersonalDataWithThePolicyOff_IsLogged()
    {
        await using var gateway = await GatewayUnderTest.StartNewAsync();
        using var sender = gateway.Grpc(gateway.Writer("acme"));

        await sender.ExportAsync(Signal.Logs, WithPersonalData(Signal.Logs));

        Assert.Contains(Mail, Encoding.UTF8.GetString(Assert.Single(gateway.Log.Batches).Payload), StringComparison.Ordinal);
    }

    /// <summary>A good request whose resource carries the data as well.</summary>
    private static byte[] WithPersonalData(Signal signal)
    {
        var request = OtlpBytes.Request(signal);
        var resource = OtlpBytes.Message(OtlpBytes.Attribute(1, "service.name", "checkout"), OtlpBytes.Attribute(1, "note", $"by {Mail} with {Card}"));
        return OtlpBytes.Message(request, OtlpBytes.Field(1, OtlpBytes.Field(1, resource)));
    }
}
