using StellaOps.Telemetry.Otlp.FuzzTests.Checks;
using StellaOps.Telemetry.Otlp.FuzzTests.Running;

namespace StellaOps.Telemetry.Otlp.FuzzTests;

/// <summary>A short run here, a long one by <c>eng/fuzz.sh</c>. The shares show that the changes reach both sides of each decision.</summary>
public sealed class OtlpFuzzTests
{
    [Fact]
    public void Wire_ChangedRequests_AreTakenAsProtobufTakesThem()
    {
        var report = FuzzRun.Run("wire", WireCheck.Run);
        Assert.False(report.HasFailed, report.ToString());
        Assert.True(report.ShareOf("taken") > 0.1 && report.ShareOf("refused by both") > 0.1 && report.ShareOf("refused by us alone") > 0.005, report.ToString());
    }

    [Fact]
    public void Json_StyledAndChangedTexts_MeanWhatProtobufReads()
    {
        var report = FuzzRun.Run("json", JsonCheck.Run);
        Assert.False(report.HasFailed, report.ToString());
        Assert.True(report.ShareOf("styled") > 0.3 && report.ShareOf("taken by both") > 0.01 && report.ShareOf("refused") > 0.1, report.ToString());
    }

    [Fact]
    public void Redaction_ChangedRequests_StayRequestsAndLoseTheAddress()
    {
        var report = FuzzRun.Run("redaction", RedactionCheck.Run);
        Assert.False(report.HasFailed, report.ToString());
        Assert.True(report.ShareOf("changed") > 0.1 && report.ShareOf("unchanged") > 0.02, report.ToString());
    }
}
