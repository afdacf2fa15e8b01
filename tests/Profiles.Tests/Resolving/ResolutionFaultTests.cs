using System.Globalization;
using StellaOps.Telemetry.Profiles.Resolving;
using StellaOps.Telemetry.Profiles.Tests.TestServices;

namespace StellaOps.Telemetry.Profiles.Tests.Resolving;

public sealed class ResolutionFaultTests
{
    private readonly MemoryDocuments _documents = new() { ["small.yaml"] = ProfileTexts.Minimal };

    [Fact]
    public void Resolve_FaultsInEveryDocument_AreAllFoundWhereTheyStand()
    {
        _documents["small.yaml"] = ProfileTexts.Minimal.Replace("durability: write", "durability: sometimes\n  recordr: {}", StringComparison.Ordinal);
        _documents["top.yaml"] = MemoryDocuments.Child("top", "small", "{ durability: fsync, recorder: { max_age: soon }, incident: { lookback: 2h } }");
        _documents["overlays/prod/top.yaml"] = MemoryDocuments.Overlay("top", "{ redaction: broken, sealed: { enabled: maybe } }");
        _documents["redaction/broken.yaml"] = ProfileTexts.Policy.Replace("action: mask, class: email", "action: hash, class: ipv4", StringComparison.Ordinal);

        var faults = ProfileResolver.Resolve(_documents, "top", "prod").Faults;

        Assert.Equal(
            [
                "top.yaml:5:49: spec.recorder.max_age: 'soon' is not allowed here; write a duration such as 5s, 15m or 1h30m",
                "top.yaml:5:79: spec.incident.lookback: 02:00:00 is longer than recorder.max_age, 00:15:00: the recorder cannot reach back further; shorten it, or raise recorder.max_age",
                "small.yaml:8:15: spec.durability: 'sometimes' is not allowed here; write write (survives the process) or fsync (survives the machine)",
                "small.yaml:9:3: spec.recordr: unknown key; did you mean 'recorder'?",
                "overlays/prod/top.yaml:4:47: spec.sealed.enabled: 'maybe' is not allowed here; write true or false",
                "redaction/broken.yaml:4:9: metadata.name: 'baseline' stands in redaction/broken.yaml; write 'name: broken', or rename the file",
                "redaction/broken.yaml:7:7: value rule 'email': an unkeyed hash of this class can be guessed by trying all values; use hmac, mask or drop (a pattern may state 'high_entropy: true')",
            ],
            faults.Select(f => f.ToString()));
    }

    [Fact]
    public void Resolve_ConflictBetweenDocuments_StandsAtTheValueThatMakesIt()
    {
        _documents["top.yaml"] = MemoryDocuments.Child("top", "small", "{ recorder: { max_bytes: 100MiB } }");

        var fault = Assert.Single(ProfileResolver.Resolve(_documents, "top", null).Faults);

        Assert.Equal(("top.yaml", 5, 32, "spec.recorder.max_bytes"), (fault.File, fault.Line, fault.Column, fault.Path));
    }

    /// <summary>A part that is completed by who inherits it is lawful by itself.</summary>
    [Fact]
    public void Resolve_IncompleteParent_IsCompletedByTheChild()
    {
        _documents["part.yaml"] = "apiVersion: telemetry.stella-ops.org/v1\nkind: Profile\nmetadata: { name: part }\nspec: { recorder: { max_bytes: 100MiB } }\n";
        _documents["whole.yaml"] = MemoryDocuments.Child(
            "whole", "part", "{ environment: development, redaction: baseline, durability: write, sampling: none, recorder: { file_bytes: 16MiB } }");

        Assert.Empty(ProfileResolver.Resolve(_documents, "whole", null).Faults);
        Assert.Equal(
            ["spec.environment", "spec.redaction", "spec.durability", "spec.sampling.policies", "spec.recorder.max_bytes"],
            ProfileResolver.Resolve(_documents, "part", null).Faults.Select(f => f.Path));
    }

    [Fact]
    public void Resolve_Circle_IsRefusedWithItsWay()
    {
        _documents["a.yaml"] = MemoryDocuments.Child("a", "b", "{}");
        _documents["b.yaml"] = MemoryDocuments.Child("b", "a", "{ durability: sometimes }");

        var faults = ProfileResolver.Resolve(_documents, "a", null).Faults;

        Assert.Equal(["b.yaml:4:10: extends: goes round in a circle: a -> b -> a", "b.yaml:5:21: spec.durability: 'sometimes' is not allowed here"], faults.Select(f => f.ToString().Split(';')[0]));
    }

    [Fact]
    public void Resolve_Chain_MayHaveEight()
    {
        for (var i = 1; i < 10; i++)
        {
            _documents[$"p{i}.yaml"] = MemoryDocuments.Child($"p{i}", i == 1 ? "small" : $"p{i - 1}", "{}");
        }

        Assert.Equal(8, ProfileResolver.Resolve(_documents, "p7", null).Lineage.Count);
        Assert.True(ProfileResolver.Resolve(_documents, "p7", null).IsValid);
        var fault = Assert.Single(ProfileResolver.Resolve(_documents, "p8", null).Faults);
        Assert.Equal(("p1.yaml", 4, "extends"), (fault.File, fault.Line, fault.Path));
    }

    [Theory]
    [InlineData("extends: small", "extends: nobody", "top.yaml:4:10: extends: there is no nobody.yaml")]
    [InlineData("extends: small", "extends: ../small", "top.yaml:4:10: extends: '../small' is not allowed here")]
    [InlineData("extends: small", "extends: [small]", "top.yaml:4:10: extends: not a single value")]
    [InlineData("name: top", "name: other", "top.yaml:3:19: metadata.name: 'other' stands in top.yaml")]
    [InlineData("kind: Profile", "kind: ProfileOverlay", "top.yaml:2:7: kind: 'ProfileOverlay' is not allowed here")]
    [InlineData("spec: {}", "spec: []", "top.yaml:5:7: spec: not a mapping")]
    [InlineData("spec: {}", "spec: {}\nmore: 1", "top.yaml:6:1: more: unknown key")]
    public void Resolve_WrongDocument_IsOneFault(string old, string @new, string expected)
    {
        _documents["top.yaml"] = MemoryDocuments.Child("top", "small", "{}").Replace(old, @new, StringComparison.Ordinal);

        var fault = Assert.Single(ProfileResolver.Resolve(_documents, "top", null).Faults);

        Assert.StartsWith(expected, fault.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(fault.Fix);
    }

    [Theory]
    [InlineData("kind: ProfileOverlay", "kind: Profile", "overlays/prod/small.yaml:2:7: kind: 'Profile' is not allowed here")]
    [InlineData("name: small", "name: other", "overlays/prod/small.yaml:3:19: metadata.name: 'other' stands in overlays/prod/small.yaml")]
    [InlineData("spec: {}", "extends: small", "overlays/prod/small.yaml:4:1: extends: unknown key")]
    [InlineData("spec: {}", "spec: { durability: never }", "overlays/prod/small.yaml:4:21: spec.durability: 'never' is not allowed here")]
    public void Resolve_WrongOverlay_IsOneFault(string old, string @new, string expected)
    {
        _documents["overlays/prod/small.yaml"] = MemoryDocuments.Overlay("small", "{}").Replace(old, @new, StringComparison.Ordinal);

        Assert.StartsWith(expected, Assert.Single(ProfileResolver.Resolve(_documents, "small", "prod").Faults).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("small", "staging", "overlays/staging/small.yaml:1:1: 'staging' has no overlay for 'small'")]
    [InlineData("small", "../..", "small.yaml:1:1: '../..' is not an environment's name")]
    [InlineData("nobody", null, "nobody.yaml:1:1: there is no such document")]
    [InlineData("../secret", null, "../secret:1:1: '../secret' is not a profile's name")]
    [InlineData("", null, ":1:1: '' is not a profile's name")]
    public void Resolve_WhatIsNotThere_IsAFault(string name, string? overlay, string expected)
    {
        var resolution = ProfileResolver.Resolve(_documents, name, overlay);

        Assert.StartsWith(expected, Assert.Single(resolution.Faults).ToString(), StringComparison.Ordinal);
        Assert.All(_documents.Asked, p => Assert.DoesNotContain("..", p, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("spec:", "spec: &all", "redaction/baseline.yaml:5:7: '&all' is an anchor")]
    [InlineData("class: email", "class: smell", "redaction/baseline.yaml:7:43: 'class' must be one of token, email")]
    [InlineData("rule: email", "rule: E-Mail", "redaction/baseline.yaml:7:7: rule name 'E-Mail' must be at most 40 of a-z")]
    [InlineData("class: email", "pattern: '('", "redaction/baseline.yaml:7:7: 'email': the pattern '(' cannot be used")]
    [InlineData("{ rule: email, action: mask, class: email }", "'['", "redaction/baseline.yaml:7:7: 'blocked_value_1': the pattern '[' cannot be used")]
    [InlineData("spec:", "spec:\n  allow_all_keys: false", "redaction/baseline.yaml:6:3: 'allow_all_keys: false' without 'allowed_keys'")]
    public void Resolve_WrongPolicy_IsOneFaultAtItsPlace(string old, string @new, string expected)
    {
        _documents["redaction/baseline.yaml"] = ProfileTexts.Policy.Replace(old, @new, StringComparison.Ordinal);

        Assert.StartsWith(expected, Assert.Single(ProfileResolver.Resolve(_documents, "small", null).Faults).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Resolve_NoPolicy_IsAFaultWhereItIsNamed()
    {
        _documents["top.yaml"] = MemoryDocuments.Child("top", "small", "{ redaction: strict }");

        var fault = Assert.Single(ProfileResolver.Resolve(_documents, "top", null).Faults);

        Assert.Equal("top.yaml:5:20: spec.redaction: there is no redaction/strict.yaml; write it, or name another policy", fault.ToString());
    }

    [Fact]
    public void Resolve_EveryTruncationOfAChain_NeverThrows()
    {
        var shipped = new ShippedDocuments();
        var (profile, overlay, policy) = (shipped.Read("default.yaml")!, shipped.Read("overlays/prod/default.yaml")!, shipped.Read("redaction/baseline.yaml")!);
        for (var share = 0; share < 97; share++)
        {
            string Cut(string text) => text[..(text.Length * share / 97)];
            foreach (var which in new[] { 0, 1, 2 })
            {
                var documents = new MemoryDocuments
                {
                    ["default.yaml"] = which == 0 ? Cut(profile) : profile,
                    ["overlays/prod/default.yaml"] = which == 1 ? Cut(overlay) : overlay,
                    ["redaction/baseline.yaml"] = which == 2 ? Cut(policy) : policy,
                };
                var resolution = ProfileResolver.Resolve(documents, "default", "prod");
                Assert.True(resolution.IsValid == (resolution.Faults.Count == 0), string.Create(CultureInfo.InvariantCulture, $"{which} cut at {share}"));
            }
        }
    }
}
