using System.Text.Json.Nodes;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Sigstore;
using StellaOps.Telemetry.Profiles.Resolving;
using StellaOps.Telemetry.Profiles.Signing;
using StellaOps.Telemetry.Tests.Shared.Auth;
using StellaOps.Telemetry.Tests.Shared.Profiles;

namespace StellaOps.Telemetry.Profiles.Tests.Signing;

public sealed class DeploymentJudgeTests : IDisposable
{
    private readonly TestIdentities _identities = new();
    private readonly SignedProfiles _signed;

    public DeploymentJudgeTests() => _signed = new SignedProfiles(_identities);

    [Fact]
    public void Judge_SignedAndApproved_IsAcceptedWithWhoAndWhat()
    {
        var closure = SigningTexts.Closure(3, "prod");

        var accepted = Accepted(Judge(_signed.Package(closure, 7, 2, _signed.Approval(closure)), needed: 1));

        Assert.Equal(("developer", "reviewer"), (accepted.Author, Assert.Single(accepted.Approvers)));
        Assert.Equal(TimeSpan.FromSeconds(9), accepted.Resolution.Profile!.Sampling.DecisionWait);
        Assert.Equal((7, 2, "rollout-7"), (accepted.Deployment.Counter, accepted.Deployment.Floor, accepted.Deployment.Rollout));
        Assert.Equal((7, SignedProfiles.Now.AddMinutes(7)), (accepted.Next.Counter, accepted.Next.IssuedAt));
        Assert.Equal(2, Assert.Single(accepted.Next.Floors, f => f.Key == "shop").Value);
        Assert.Equal(closure.Digest, accepted.Closure.Digest);
        Assert.Null(accepted.BreakGlass);
    }

    [Fact]
    public void Judge_LowerCounter_IsReplayed()
    {
        var second = Accepted(Judge(_signed.Package(SigningTexts.Closure(2), 2))).Next;

        Refused(DeploymentRefusal.Replayed, Judge(_signed.Package(SigningTexts.Closure(1), 1), second));
        Refused(DeploymentRefusal.Replayed, Judge(_signed.Package(SigningTexts.Closure(3), 1), second));
    }

    [Fact]
    public void Judge_SameCounterAgain_IsAcceptedOnlyWhenItIsTheSameDeployment()
    {
        var package = _signed.Package(SigningTexts.Closure(2), 2, floor: 2);
        var memory = Accepted(Judge(package)).Next;

        var again = Accepted(Judge(package, memory)).Next;
        var signedAnew = Accepted(Judge(package with { Deployment = _signed.Deployment(SigningTexts.Closure(2), 2, floor: 2) }, memory)).Next;

        Assert.Equal((memory.Counter, memory.Digest, memory.IssuedAt), (again.Counter, again.Digest, again.IssuedAt));
        Assert.Equal(memory.Digest, signedAnew.Digest);
        Assert.Equal(memory.Floors, again.Floors);
        Refused(DeploymentRefusal.Replayed, Judge(_signed.Package(SigningTexts.Closure(1), 2), memory));
        Refused(DeploymentRefusal.Replayed, Judge(package with { Deployment = _signed.Deployment(SigningTexts.Closure(2), 2, floor: 1) }, memory));
    }

    [Fact]
    public void Judge_NewDeploymentOfAnOlderApprovedVersion_RollsBack()
    {
        var old = SigningTexts.Closure(1);
        var memory = Accepted(Judge(_signed.Package(SigningTexts.Closure(2), 2, 0, _signed.Approval(SigningTexts.Closure(2))), needed: 1)).Next;

        var accepted = Accepted(Judge(_signed.Package(old, 3, 0, _signed.Approval(old)), memory, needed: 1));

        Assert.Equal((1, 3), (accepted.Closure.Version, accepted.Next.Counter));
    }

    [Fact]
    public void Judge_FloorWasRaised_RefusesLowerVersionsForGood()
    {
        var raised = Accepted(Judge(_signed.Package(SigningTexts.Closure(3), 1, floor: 3))).Next;
        var later = Accepted(Judge(_signed.Package(SigningTexts.Closure(4), 2, floor: 1), raised)).Next;

        Refused(DeploymentRefusal.BelowFloor, Judge(_signed.Package(SigningTexts.Closure(2), 3), later));
        Refused(DeploymentRefusal.BelowFloor, Judge(_signed.Package(SigningTexts.Closure(2), 3, floor: 1), later));
        Assert.Equal(3, Accepted(Judge(_signed.Package(SigningTexts.Closure(3), 3), later)).Next.Floors["shop"]);
    }

    [Fact]
    public void Judge_OwnOrLocalFloor_BindsTheDeploymentItself()
    {
        Refused(DeploymentRefusal.BelowFloor, Judge(_signed.Package(SigningTexts.Closure(2), 1, floor: 3)));
        var local = new ProfileTrust(null, new Dictionary<string, long> { ["shop"] = 2 });
        Refused(DeploymentRefusal.BelowFloor, Judge(_signed.Package(SigningTexts.Closure(1), 1), policy: local));
        Accepted(Judge(_signed.Package(SigningTexts.Closure(2), 1), policy: local));
    }

    [Fact]
    public void Judge_NoApprovalWhereOneIsNeeded_IsUnapproved() =>
        Refused(DeploymentRefusal.Unapproved, Judge(_signed.Package(SigningTexts.Closure(1), 1), needed: 1));

    [Fact]
    public void Judge_ApprovedByAnotherKeyOfItsAuthor_IsSelfApprovedInWhateverCaseTheTrustFileSpellsThePerson()
    {
        var closure = SigningTexts.Closure(1);

        Refused(DeploymentRefusal.SelfApproved, Judge(_signed.Package(closure, 1, 0, _signed.Approval(closure, TestIdentities.AuthorsOther)), needed: 1));
        Accepted(Judge(_signed.Package(closure, 1, 0, _signed.Approval(closure, TestIdentities.AuthorsOther)), needed: 0));
        Accepted(Judge(_signed.Package(closure, 1, 0, _signed.Approval(closure, TestIdentities.AuthorsOther), _signed.Approval(closure)), needed: 1));
    }

    [Fact]
    public void Judge_TwoKeysOfOnePerson_AreOneApproval()
    {
        var closure = SigningTexts.Closure(1);
        byte[][] one = [_signed.Approval(closure), _signed.Approval(closure, TestIdentities.ApproversOther), _signed.Approval(closure)];

        Refused(DeploymentRefusal.Unapproved, Judge(_signed.Package(closure, 1, 0, one), needed: 2));
        Assert.Equal(["reviewer", "second"], Accepted(Judge(_signed.Package(closure, 1, 0, [.. one, _signed.Approval(closure, TestIdentities.SecondApprover)]), needed: 2)).Approvers);
    }

    [Theory]
    [InlineData(TestIdentities.Stranger)]
    [InlineData(TestIdentities.Author)]
    [InlineData(TestIdentities.BreakGlass)]
    [InlineData(KnownServices.ProfileService)]
    public void Judge_ApprovedByAKeyThatMayNot_DoesNotCount(string by)
    {
        var closure = SigningTexts.Closure(1);

        Refused(DeploymentRefusal.UnknownSigner, Judge(_signed.Package(closure, 1, 0, _signed.Approval(closure, by)), needed: 1));
        Accepted(Judge(_signed.Package(closure, 1, 0, _signed.Approval(closure, by), _signed.Approval(closure)), needed: 1));
    }

    [Theory]
    [InlineData(TestIdentities.Stranger)]
    [InlineData(TestIdentities.Approver)]
    [InlineData(KnownServices.ProfileService)]
    public void Judge_WrittenByAKeyThatMayNot_IsOfAnUnknownSigner(string by)
    {
        var closure = SigningTexts.Closure(1);

        Refused(DeploymentRefusal.UnknownSigner, Judge(_signed.Package(closure, 1) with { Author = _signed.Version(closure, by) }));
    }

    [Theory]
    [InlineData(TestIdentities.Stranger)]
    [InlineData(TestIdentities.Author)]
    [InlineData(TestIdentities.BreakGlass)]
    [InlineData(KnownServices.IngestGateway)]
    public void Judge_DeployedByAKeyThatMayNot_IsOfAnUnknownSigner(string by)
    {
        var closure = SigningTexts.Closure(1);

        Refused(DeploymentRefusal.UnknownSigner, Judge(_signed.Package(closure, 1) with { Deployment = _signed.Deployment(closure, 1, by: by) }));
    }

    [Fact]
    public void Judge_SignedInAnothersName_IsABadSignature()
    {
        var closure = SigningTexts.Closure(1);
        var package = _signed.Package(closure, 1, 0, _signed.Approval(closure));

        Refused(DeploymentRefusal.BadSignature, Judge(package with { Author = _signed.Forged(package.Author, TestIdentities.Stranger, TestIdentities.Author) }));
        Refused(DeploymentRefusal.BadSignature, Judge(package with { Approvals = [_signed.Forged(package.Approvals[0], TestIdentities.Author, TestIdentities.Approver)] }));
        Refused(DeploymentRefusal.BadSignature, Judge(package with { Deployment = _signed.Forged(package.Deployment, TestIdentities.Author, KnownServices.ProfileService) }));
    }

    [Fact]
    public void Judge_AboutAnotherClosure_IsADigestMismatch()
    {
        var (closure, other) = (SigningTexts.Closure(1), SigningTexts.Closure(1, "prod"));
        var package = _signed.Package(closure, 1);

        Refused(DeploymentRefusal.DigestMismatch, Judge(package with { Closure = other.ToBytes() }));
        Refused(DeploymentRefusal.DigestMismatch, Judge(package with { Author = _signed.Version(other) }));
        Refused(DeploymentRefusal.DigestMismatch, Judge(package with { Deployment = _signed.Deployment(other, 1) }));
        Refused(DeploymentRefusal.DigestMismatch, Judge(package with { Approvals = [_signed.Approval(other), _signed.Approval(closure)] }));
    }

    [Fact]
    public void Judge_OneStatementInThePlaceOfAnother_IsRefusedByItsKeyOrItsPredicate()
    {
        var closure = SigningTexts.Closure(1);
        var package = _signed.Package(closure, 1, 0, _signed.Approval(closure));
        var allMighty = _identities.Document with { Keys = [.. _identities.Document.Keys.Select(k => k with { Uses = KnownKeyUses.All, Person = k.Person ?? k.Name })] };
        var judge = new DeploymentJudge(new(allMighty), null);

        Refused(DeploymentRefusal.WrongPredicate, judge.Judge(package with { Author = package.Approvals[0] }, DeploymentMemory.None));
        Refused(DeploymentRefusal.WrongPredicate, judge.Judge(package with { Approvals = [package.Author] }, DeploymentMemory.None));
        Refused(DeploymentRefusal.WrongPredicate, judge.Judge(package with { Deployment = package.Author }, DeploymentMemory.None));
        Accepted(judge.Judge(package, DeploymentMemory.None));
    }

    [Fact]
    public void Judge_NothingOrAFilesSignature_IsUnsigned()
    {
        var package = _signed.Package(SigningTexts.Closure(1), 1);
        var message = SigstoreBundle.SignMessage(Convert.FromHexString(SigningTexts.Closure(1).Digest), _identities.Key(TestIdentities.Author));

        Refused(DeploymentRefusal.Unsigned, Judge(package with { Author = [] }));
        Refused(DeploymentRefusal.Unsigned, Judge(package with { Author = message }));
        Refused(DeploymentRefusal.Unsigned, Judge(package with { Deployment = [] }));
        Refused(DeploymentRefusal.Unsigned, Judge(package with { Approvals = [[]] }));
    }

    [Fact]
    public void Judge_AboveABound_IsTooLarge()
    {
        var closure = SigningTexts.Closure(1);
        var package = _signed.Package(closure, 1);

        Refused(DeploymentRefusal.TooLarge, Judge(package with { Closure = new byte[ProfileClosure.MaxBytes + 1] }));
        Refused(DeploymentRefusal.TooLarge, Judge(package with { Author = new byte[64 * 1024 + 1] }));
        Refused(DeploymentRefusal.TooLarge, Judge(package with { Deployment = new byte[64 * 1024 + 1] }));
        Refused(DeploymentRefusal.TooLarge, Judge(package with { Approvals = [new byte[64 * 1024 + 1]] }));
        Refused(DeploymentRefusal.TooLarge, Judge(package with { Approvals = [.. Enumerable.Repeat(_signed.Approval(closure), 17)] }));
    }

    [Fact]
    public void Judge_DocumentsMoreOrFewerThanResolvingReads_IsInvalid()
    {
        var whole = SigningTexts.Closure(1).Documents;
        var more = new ProfileClosure(SigningTexts.Profile, 1, null, [.. whole, new ProfileDocument("other.yaml", "x: 1")]);
        var fewer = new ProfileClosure(SigningTexts.Profile, 1, null, whole.Where(d => d.Path != "base.yaml"));
        var wrong = new ProfileClosure(SigningTexts.Profile, 1, null, whole.Select(d => d with { Text = d.Text.Replace("durability: write", "durability: never", StringComparison.Ordinal) }));

        Assert.Contains("other.yaml", Refused(DeploymentRefusal.InvalidProfile, Judge(_signed.Package(more, 1))).Text, StringComparison.Ordinal);
        Assert.Contains("base.yaml", Refused(DeploymentRefusal.InvalidProfile, Judge(_signed.Package(fewer, 1))).Text, StringComparison.Ordinal);
        Assert.Contains("never", Refused(DeploymentRefusal.InvalidProfile, Judge(_signed.Package(wrong, 1))).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Judge_ShippedForensic_NeedsAnApprovalWithoutAnyPolicy()
    {
        var closure = ShippedClosure("forensic");

        Refused(DeploymentRefusal.Unapproved, new DeploymentJudge(_identities.Trust, null).Judge(_signed.Package(closure, 1), DeploymentMemory.None));
        Accepted(new DeploymentJudge(_identities.Trust, null).Judge(_signed.Package(closure, 1, 0, _signed.Approval(closure)), DeploymentMemory.None));
    }

    [Theory]
    [InlineData("author", "predicate/authoredAt", "\"2026-03-01\"", DeploymentRefusal.WrongPredicate)]
    [InlineData("author", "predicate/authoredAt", "\"2026-03-01T12:00:00+00:00\"", DeploymentRefusal.WrongPredicate)]
    [InlineData("author", "predicate/authoredAt", "null", DeploymentRefusal.WrongPredicate)]
    [InlineData("author", "predicate/hash", "\"00\"", DeploymentRefusal.DigestMismatch)]
    [InlineData("author", "predicate/hash", "null", DeploymentRefusal.WrongPredicate)]
    [InlineData("author", "predicate/overlay", "\"prod\"", DeploymentRefusal.WrongPredicate)]
    [InlineData("author", "predicate/profile", "\"other\"", DeploymentRefusal.WrongPredicate)]
    [InlineData("author", "predicate/version", "2", DeploymentRefusal.WrongPredicate)]
    [InlineData("author", "predicate/version", "\"1\"", DeploymentRefusal.WrongPredicate)]
    [InlineData("author", "predicate/more", "1", DeploymentRefusal.WrongPredicate)]
    [InlineData("author", "predicate/overlay", "", DeploymentRefusal.WrongPredicate)]
    [InlineData("author", "predicate/hash", "", DeploymentRefusal.WrongPredicate)]
    [InlineData("author", "predicateType", "\"https://stella-ops.org/telemetry/profile/v2\"", DeploymentRefusal.WrongPredicate)]
    [InlineData("author", "predicate", "null", DeploymentRefusal.WrongPredicate)]
    [InlineData("author", "_type", "\"https://in-toto.io/Statement/v0.1\"", DeploymentRefusal.Malformed)]
    [InlineData("author", "more", "1", DeploymentRefusal.Malformed)]
    [InlineData("author", "subject", "[]", DeploymentRefusal.Malformed)]
    [InlineData("author", "subject/0/name", "\"shop-2.closure.json\"", DeploymentRefusal.DigestMismatch)]
    [InlineData("author", "subject/0/digest/sha256", "\"0000000000000000000000000000000000000000000000000000000000000000\"", DeploymentRefusal.DigestMismatch)]
    [InlineData("approval", "predicate/approvedAt", "\"now\"", DeploymentRefusal.WrongPredicate)]
    [InlineData("approval", "predicate/breakGlass", "{\"reason\":\"because\"}", DeploymentRefusal.UnknownSigner)]
    [InlineData("approval", "predicate/breakGlass", "{\"reason\":\" \"}", DeploymentRefusal.WrongPredicate)]
    [InlineData("approval", "predicate/breakGlass", "{}", DeploymentRefusal.WrongPredicate)]
    [InlineData("approval", "predicate/breakGlass", "true", DeploymentRefusal.WrongPredicate)]
    [InlineData("approval", "predicate/comment", "1", DeploymentRefusal.WrongPredicate)]
    [InlineData("approval", "predicate/comment", "", DeploymentRefusal.WrongPredicate)]
    [InlineData("approval", "predicate/profile", "\"other\"", DeploymentRefusal.WrongPredicate)]
    [InlineData("approval", "predicate/version", "2", DeploymentRefusal.WrongPredicate)]
    [InlineData("approval", "predicate/more", "1", DeploymentRefusal.WrongPredicate)]
    [InlineData("approval", "subject/0/name", "\"shop-2.closure.json\"", DeploymentRefusal.DigestMismatch)]
    [InlineData("approval", "subject/0/digest/sha256", "\"0000000000000000000000000000000000000000000000000000000000000000\"", DeploymentRefusal.DigestMismatch)]
    [InlineData("deployment", "predicate/counter", "0", DeploymentRefusal.WrongPredicate)]
    [InlineData("deployment", "predicate/counter", "1.5", DeploymentRefusal.WrongPredicate)]
    [InlineData("deployment", "predicate/counter", "9007199254740992", DeploymentRefusal.WrongPredicate)]
    [InlineData("deployment", "predicate/counter", "4", DeploymentRefusal.Replayed)]
    [InlineData("deployment", "predicate/floor", "-1", DeploymentRefusal.WrongPredicate)]
    [InlineData("deployment", "predicate/floor", "2", DeploymentRefusal.BelowFloor)]
    [InlineData("deployment", "predicate/issuedAt", "0", DeploymentRefusal.WrongPredicate)]
    [InlineData("deployment", "predicate/profile", "\"other\"", DeploymentRefusal.WrongPredicate)]
    [InlineData("deployment", "predicate/reason", "1", DeploymentRefusal.WrongPredicate)]
    [InlineData("deployment", "predicate/reason", "", DeploymentRefusal.WrongPredicate)]
    [InlineData("deployment", "predicate/rollout", "\"\"", DeploymentRefusal.WrongPredicate)]
    [InlineData("deployment", "predicate/rollout", "null", DeploymentRefusal.WrongPredicate)]
    [InlineData("deployment", "predicate/version", "2", DeploymentRefusal.WrongPredicate)]
    [InlineData("deployment", "predicate/more", "1", DeploymentRefusal.WrongPredicate)]
    [InlineData("deployment", "subject/0/name", "\"other-1.closure.json\"", DeploymentRefusal.DigestMismatch)]
    [InlineData("deployment", "subject/0/digest/sha256", "\"0000000000000000000000000000000000000000000000000000000000000000\"", DeploymentRefusal.DigestMismatch)]
    public void Judge_OneFieldOfASignedStatementChanged_IsRefused(string statement, string field, string value, DeploymentRefusal reason)
    {
        var closure = SigningTexts.Closure(1);
        var package = _signed.Package(closure, 5, 0, _signed.Approval(closure));
        var changed = statement switch
        {
            "author" => package with { Author = _signed.Resigned(package.Author, TestIdentities.Author, Set) },
            "approval" => package with { Approvals = [_signed.Resigned(package.Approvals[0], TestIdentities.Approver, Set)] },
            _ => package with { Deployment = _signed.Resigned(package.Deployment, KnownServices.ProfileService, Set) },
        };
        var memory = DeploymentMemory.None with { Counter = 4, Digest = new string('0', 64) };

        Accepted(Judge(package, memory, needed: 1));
        Refused(reason, Judge(changed, memory, needed: 1));

        void Set(JsonObject whole)
        {
            var names = field.Split('/');
            JsonNode node = whole;
            foreach (var name in names[..^1])
            {
                node = name == "0" ? node[0]! : node[name]!;
            }

            if (value.Length == 0)
            {
                Assert.True(node.AsObject().Remove(names[^1]));
            }
            else
            {
                node[names[^1]] = JsonNode.Parse(value);
            }
        }
    }

    [Fact]
    public void Judge_OtherPayloadType_IsMalformed()
    {
        var package = _signed.Package(SigningTexts.Closure(1), 1);

        Refused(DeploymentRefusal.Malformed, Judge(package with { Author = _signed.Resigned(package.Author, TestIdentities.Author, _ => { }, "application/json") }));
    }

    public void Dispose() => _identities.Dispose();

    internal static DeploymentJudgement.Accepted Accepted(DeploymentJudgement judgement) =>
        Assert.IsType<DeploymentJudgement.Accepted>(judgement);

    internal static DeploymentJudgement.Refused Refused(DeploymentRefusal reason, DeploymentJudgement judgement)
    {
        var refused = Assert.IsType<DeploymentJudgement.Refused>(judgement);
        Assert.True(reason == refused.Reason, $"{refused.Reason}: {refused.Text}");
        Assert.NotEmpty(refused.Text);
        return refused;
    }

    private static ProfileClosure ShippedClosure(string name)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "profiles");
        return SignedProfiles.Closure(name, 1, null, [.. Directory.EnumerateFiles(folder, "*.yaml", SearchOption.AllDirectories)
            .Select(f => new ProfileDocument(Path.GetRelativePath(folder, f), File.ReadAllText(f)))
            .Where(d => !d.Path.StartsWith("rendered/", StringComparison.Ordinal) && !d.Path.StartsWith("incident/", StringComparison.Ordinal))]);
    }

    private DeploymentJudgement Judge(DeploymentPackage package, DeploymentMemory? memory = null, int needed = 0, ProfileTrust? policy = null) => new DeploymentJudge(
        _identities.Trust, policy ?? new ProfileTrust(new Dictionary<string, int> { [SigningTexts.Profile] = needed }, null)).Judge(package, memory ?? DeploymentMemory.None);
}
