using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Profiles.Signing;
using StellaOps.Telemetry.Tests.Shared.Auth;
using StellaOps.Telemetry.Tests.Shared.Profiles;
using static StellaOps.Telemetry.Profiles.Tests.Signing.DeploymentJudgeTests;

namespace StellaOps.Telemetry.Profiles.Tests.Signing;

public sealed class BreakGlassTests : IDisposable
{
    private static readonly DeploymentMemory s_raised = DeploymentMemory.None with { Floors = new Dictionary<string, long> { [SigningTexts.Profile] = 5 } };

    private readonly TestIdentities _identities = new();
    private readonly SignedProfiles _signed;
    private readonly ProfileClosure _closure = SigningTexts.Closure(1);

    public BreakGlassTests() => _signed = new SignedProfiles(_identities);

    [Fact]
    public void Judge_BrokenGlass_WaivesApprovalsAndTheFloorAndSaysWho()
    {
        var package = _signed.Package(_closure, 1, 0, _signed.BrokenGlass(_closure));

        var unapproved = Accepted(Judge(package, DeploymentMemory.None));
        var below = Accepted(Judge(package, s_raised));

        Assert.Equal(new BrokenGlass("on-call", "the site is down"), unapproved.BreakGlass);
        Assert.Equal(unapproved.BreakGlass, below.BreakGlass);
        Assert.Empty(unapproved.Approvers);
        Assert.Equal(5, below.Next.Floors[SigningTexts.Profile]);
    }

    [Fact]
    public void Judge_BrokenGlassThatIsNotNeeded_WaivesNothing() =>
        Assert.Null(Accepted(Judge(_signed.Package(_closure, 1, 0, _signed.Approval(_closure), _signed.BrokenGlass(_closure)), DeploymentMemory.None)).BreakGlass);

    [Fact]
    public void Judge_BrokenGlass_WaivesNeitherTheAuthorNorTheCounterNorTheProfile()
    {
        var package = _signed.Package(_closure, 1, 0, _signed.BrokenGlass(_closure));
        var other = SigningTexts.Closure(2);

        Refused(DeploymentRefusal.UnknownSigner, Judge(package with { Author = _signed.Version(_closure, TestIdentities.Stranger) }, DeploymentMemory.None));
        Refused(DeploymentRefusal.Unsigned, Judge(package with { Author = [] }, DeploymentMemory.None));
        Refused(DeploymentRefusal.Replayed, Judge(package, DeploymentMemory.None with { Counter = 2 }));
        Refused(DeploymentRefusal.DigestMismatch, Judge(package with { Approvals = [_signed.BrokenGlass(other)] }, DeploymentMemory.None));
    }

    [Theory]
    [InlineData(TestIdentities.Approver)]
    [InlineData(TestIdentities.Author)]
    [InlineData(TestIdentities.Stranger)]
    public void Judge_BrokenByAKeyThatMayNot_WaivesNothing(string by) =>
        Refused(DeploymentRefusal.UnknownSigner, Judge(_signed.Package(_closure, 1, 0, _signed.BrokenGlass(_closure, by)), DeploymentMemory.None));

    [Fact]
    public void Judge_BrokenByAnotherKeyOfItsAuthor_IsReportedInTheirName() =>
        Assert.Equal("Developer", Accepted(Judge(_signed.Package(_closure, 1, 0, _signed.BrokenGlass(_closure, TestIdentities.AuthorsOther)), DeploymentMemory.None)).BreakGlass!.Person);

    [Theory]
    [InlineData(24, true)]
    [InlineData(25, false)]
    [InlineData(-25, false)]
    public void Judge_BrokenLongBeforeOrAfterTheDeployment_WaivesNothing(int hours, bool serves)
    {
        var package = _signed.Package(_closure, 1, 0, _signed.BrokenGlass(_closure)) with { Deployment = _signed.Deployment(_closure, 1, at: SignedProfiles.Now.AddHours(hours)) };

        if (serves)
        {
            Accepted(Judge(package, DeploymentMemory.None));
            return;
        }

        Assert.Contains("the glass was broken more than 24 hours", Refused(DeploymentRefusal.Unapproved, Judge(package, DeploymentMemory.None)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Judge_DeploymentThatClaimsToBeOlderThanTheOneBeforeIt_DoesNotBringAnOldStatementBack()
    {
        var package = _signed.Package(_closure, 9, 0, _signed.BrokenGlass(_closure)) with { Deployment = _signed.Deployment(_closure, 9, at: SignedProfiles.Now) };

        Refused(DeploymentRefusal.Unapproved, Judge(package, DeploymentMemory.None with { Counter = 8, IssuedAt = SignedProfiles.Now.AddDays(30) }));
        Accepted(Judge(package, DeploymentMemory.None with { Counter = 8, IssuedAt = SignedProfiles.Now.AddHours(1) }));
    }

    [Fact]
    public void Judge_TheSameAgain_IsAcceptedAgain()
    {
        var package = _signed.Package(_closure, 1, 0, _signed.BrokenGlass(_closure));
        var first = Accepted(Judge(package, s_raised));

        Assert.Equal(first.BreakGlass, Accepted(Judge(package, first.Next)).BreakGlass);
    }

    [Fact]
    public void BreakTheGlass_NoReason_IsRefusedToTheSigner() =>
        Assert.Throws<ArgumentException>(() => _signed.As(TestIdentities.BreakGlass).BreakTheGlass(_closure, " ", SignedProfiles.Now));

    public void Dispose() => _identities.Dispose();

    private DeploymentJudgement Judge(DeploymentPackage package, DeploymentMemory memory) => new DeploymentJudge(
        _identities.Trust, new ProfileTrust(new Dictionary<string, int> { [SigningTexts.Profile] = 1 }, null)).Judge(package, memory);
}
