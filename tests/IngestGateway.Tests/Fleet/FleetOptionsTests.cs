using StellaOps.Telemetry.IngestGateway.Fleet;

namespace StellaOps.Telemetry.IngestGateway.Tests.Fleet;

public sealed class FleetOptionsTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData("", "")]
    [InlineData("ws://127.0.0.1:4320/v1/opamp", "region=eu, tier=edge")]
    [InlineData("https://fleet.example/v1/opamp", "note=a=b,empty=")]
    public void Faults_Lawful_AreNone(string? url, string labels) => Assert.Empty(new FleetOptions { OpAmpUrl = url, Labels = labels }.Faults());

    [Theory]
    [InlineData("127.0.0.1:4320", "", "Stella__Fleet__OpAmpUrl '127.0.0.1:4320' is no OpAMP address: write ws://host:4320/v1/opamp")]
    [InlineData("ftp://fleet", "", "Stella__Fleet__OpAmpUrl 'ftp://fleet'")]
    [InlineData(null, "region", "Stella__Fleet__Labels 'region' is no label: write name=value")]
    [InlineData(null, "=eu", "Stella__Fleet__Labels '=eu' is no label")]
    [InlineData(null, "a=1,a=2", "Stella__Fleet__Labels names 'a' more than once")]
    public void Faults_Unlawful_NameTheKeyAndTheFix(string? url, string labels, string fault) =>
        Assert.StartsWith(fault, Assert.Single(new FleetOptions { OpAmpUrl = url, Labels = labels }.Faults()), StringComparison.Ordinal);

    [Fact]
    public void LabelPairs_AreReadUpToTheFirstEquals() =>
        Assert.Equal([KeyValuePair.Create("note", "a=b"), KeyValuePair.Create("empty", "")], new FleetOptions { Labels = "note=a=b, empty=" }.LabelPairs);
}
