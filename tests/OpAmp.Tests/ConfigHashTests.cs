using Google.Protobuf;
using StellaOps.Telemetry.OpAmp.Model;

namespace StellaOps.Telemetry.OpAmp.Tests;

public sealed class ConfigHashTests
{
    [Fact]
    public void Of_SameFilesInAnotherOrder_IsTheSame() =>
        Assert.Equal(ConfigHash.Of(Map(("a.yaml", "", "1"), ("b.yaml", "", "2"))), ConfigHash.Of(Map(("b.yaml", "", "2"), ("a.yaml", "", "1"))));

    /// <summary>The format is a contract between servers of different versions.</summary>
    [Fact]
    public void Of_KnownFiles_IsTheKnownHash() =>
        Assert.Equal("0C4B501EBEB3EC0BED5747077D193F30129B156D96AC47BF4BD6A44436FB5450", Convert.ToHexString(ConfigHash.Of(Map(("", "text/yaml", "a: 1\n"))).Span));

    [Theory]
    [InlineData("a", "", "bc")]
    [InlineData("ab", "", "c")]
    [InlineData("", "a", "bc")]
    [InlineData("a", "b", "c")]
    [InlineData("a", "", "")]
    public void Of_BytesElsewhere_Differs(string name, string type, string body)
    {
        var hash = ConfigHash.Of(Map((name, type, body)));

        (string, string, string)[] others = [("a", "", "bc"), ("ab", "", "c"), ("", "a", "bc"), ("a", "b", "c"), ("a", "", "")];
        Assert.Single(others, o => ConfigHash.Of(Map(o)) == hash);
    }

    [Fact]
    public void Offer_OfFiles_CarriesThemAndTheirHash()
    {
        var files = Map(("a", "", "1"));

        Assert.Equal(new AgentRemoteConfig { Config = files, ConfigHash = ConfigHash.Of(files) }, ConfigHash.Offer(files));
    }

    private static AgentConfigMap Map(params (string Name, string Type, string Body)[] files)
    {
        var map = new AgentConfigMap();
        foreach (var (name, type, body) in files)
        {
            map.ConfigMap.Add(name, new AgentConfigFile { Body = ByteString.CopyFromUtf8(body), ContentType = type });
        }

        return map;
    }
}
