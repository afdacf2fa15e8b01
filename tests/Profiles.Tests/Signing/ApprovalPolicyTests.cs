using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Profiles.Signing;

namespace StellaOps.Telemetry.Profiles.Tests.Signing;

public sealed class ApprovalPolicyTests
{
    [Theory]
    [InlineData("default", 0)]
    [InlineData("forensic", 1)]
    [InlineData("airgap", 1)]
    [InlineData("mine default", 0)]
    [InlineData("mine middle forensic", 1)]
    public void NeededFor_NoPolicy_AsksForForensicAndAirgapAndWhatInheritsFromThem(string lineage, int needed) =>
        Assert.Equal(needed, new ApprovalPolicy(null).NeededFor(lineage.Split(' ')));

    [Theory]
    [InlineData("default", 0)]
    [InlineData("other", 1)]
    [InlineData("mine default", 3)]
    [InlineData("airgap", 1)]
    [InlineData("forensic", 0)]
    [InlineData("other forensic", 1)]
    public void NeededFor_Policy_TakesTheStrictestOfTheLineage(string lineage, int needed)
    {
        var policy = new ApprovalPolicy(new ProfileTrust(new Dictionary<string, int> { ["mine"] = 3, ["default"] = 0, ["forensic"] = 0, ["*"] = 1 }, null));

        Assert.Equal(needed, policy.NeededFor(lineage.Split(' ')));
    }

    [Fact]
    public void NeededFor_AnyProfileLowerThanTheBuiltIn_DoesNotLowerIt() =>
        Assert.Equal(1, new ApprovalPolicy(new ProfileTrust(new Dictionary<string, int> { ["*"] = 0 }, null)).NeededFor(["forensic"]));

    [Fact]
    public void FloorOf_NamedOrNot_IsItsOwnOrNone()
    {
        var policy = new ApprovalPolicy(new ProfileTrust(null, new Dictionary<string, long> { ["mine"] = 4 }));

        Assert.Equal((4, 0), (policy.FloorOf("mine"), policy.FloorOf("default")));
        Assert.Equal(0, new ApprovalPolicy(null).FloorOf("mine"));
    }
}
