using StellaOps.Telemetry.AppHost.Local;

namespace StellaOps.Telemetry.AppHost.Tests.Local;

public sealed class LocalOptionsTests
{
    [Fact]
    public void Parse_ReadsEveryOption()
    {
        var options = LocalOptions.Parse(["--state", "x", "--ports", "random", "--profile", "forensic", "--only", "redis,postgres"]);

        Assert.Equal(("x", null, "forensic"), (options.StateDirectory, options.PortBase, options.Profile));
        Assert.Equal(["redis", "postgres"], options.Only);
    }

    [Theory]
    [InlineData("forensic", "/repo/profiles/forensic.yaml")]
    [InlineData("/elsewhere/mine.yaml", "/elsewhere/mine.yaml")]
    public void ProfileFile_OfANameOrAPath_IsTheDocument(string profile, string file) =>
        Assert.Equal(file, LocalOptions.Parse(["--profile", profile]).ProfileFile("/repo"));

    [Theory]
    [InlineData("--state")]
    [InlineData("--port-base", "many")]
    [InlineData("--ports", "fixed")]
    [InlineData("--unknown", "1")]
    public void Parse_OfWhatIsWrong_NamesIt(params string[] args) =>
        Assert.Contains(args[0], Assert.Throws<LocalEngineException>(() => LocalOptions.Parse(args)).Message, StringComparison.Ordinal);
}
