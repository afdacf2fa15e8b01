using StellaOps.Telemetry.Profiles.Gateway;
using StellaOps.Telemetry.Profiles.Hashing;
using StellaOps.Telemetry.Profiles.Model;
using StellaOps.Telemetry.Profiles.Resolving;
using StellaOps.Telemetry.Profiles.Tests.TestServices;

namespace StellaOps.Telemetry.Profiles.Tests.Resolving;

public sealed class ProfileResolverTests
{
    private readonly MemoryDocuments _documents = new() { ["small.yaml"] = ProfileTexts.Minimal };

    [Theory]
    [InlineData("default", null)]
    [InlineData("default", "prod")]
    [InlineData("forensic", null)]
    [InlineData("airgap", null)]
    public void Resolve_ShippedProfile_IsValid(string name, string? overlay)
    {
        var resolution = ProfileResolver.Resolve(new ShippedDocuments(), name, overlay);

        Assert.Empty(resolution.Faults);
        Assert.True(resolution.IsValid);
        Assert.Equal(name, resolution.Profile.Name);
        Assert.Equal(new ShippedDocuments().Read("redaction/baseline.yaml"), resolution.RedactionPolicyText);
    }

    [Fact]
    public void Resolve_Chain_MergesOldestFirstAndTheOverlayLast()
    {
        _documents["mid.yaml"] = MemoryDocuments.Child("mid", "small", "{ durability: fsync, recorder: { max_age: 20m, tenant_share: 0.3 }, sealed: { allowlist: [a] } }");
        _documents["top.yaml"] = MemoryDocuments.Child("top", "mid", "{ recorder: { max_age: 30m }, sealed: { allowlist: [b, c] } }");
        _documents["overlays/prod/top.yaml"] = MemoryDocuments.Overlay("top", "{ environment: production, recorder: { max_bytes: 2GiB } }");

        var resolution = ProfileResolver.Resolve(_documents, "top", "prod");

        Assert.Empty(resolution.Faults);
        var profile = resolution.Profile!;
        Assert.Equal(new RecorderSettings(TimeSpan.FromMinutes(30), 2L << 30, 64 << 20, 0.3), profile.Recorder);
        Assert.Equal((DeploymentEnvironment.Production, Durability.Fsync, "top"), (profile.Environment, profile.Durability, profile.Name));
        Assert.Equal(["b", "c"], profile.Sealed.Allowlist);
        Assert.Equal("all", Assert.Single(profile.Sampling.Policies).Name);
        Assert.Equal(["top", "mid", "small"], resolution.Lineage);
        Assert.Equal(["mid.yaml", "overlays/prod/top.yaml", "redaction/baseline.yaml", "small.yaml", "top.yaml"], resolution.Documents.Select(d => d.Path));
        Assert.Equal(ProfileTexts.Policy, resolution.RedactionPolicyText);
    }

    [Fact]
    public void Resolve_Null_TakesTheInheritedValueBackToTheDefault()
    {
        _documents["mid.yaml"] = MemoryDocuments.Child("mid", "small", "{ recorder: { max_age: 20m }, multi_tenant: true, incident: { ceiling: 1h } }");
        _documents["top.yaml"] = MemoryDocuments.Child("top", "mid", "{ recorder: { max_age: null }, multi_tenant: ~, incident: null }");

        var profile = ProfileResolver.Resolve(_documents, "top", null).Profile!;

        Assert.Equal(TimeSpan.FromMinutes(15), profile.Recorder.MaxAge);
        Assert.False(profile.MultiTenant);
        Assert.Equal(TimeSpan.FromHours(24), profile.Incident.Ceiling);
    }

    [Fact]
    public void Resolve_NullOfWhatIsRequired_IsMissing()
    {
        _documents["top.yaml"] = MemoryDocuments.Child("top", "small", "{ durability: null }");

        var fault = Assert.Single(ProfileResolver.Resolve(_documents, "top", null).Faults);

        Assert.Equal(("top.yaml", "spec.durability", "missing"), (fault.File, fault.Path, fault.Problem));
    }

    [Fact]
    public void Resolve_ScalarOverMappingAndBack_Replaces()
    {
        _documents["off.yaml"] = MemoryDocuments.Child("off", "small", "{ sampling: none }");
        _documents["on.yaml"] = MemoryDocuments.Child("on", "off", "{ sampling: { policies: [{ name: some, type: probabilistic, probabilistic: { sampling_percentage: 5 } }] } }");

        Assert.True(ProfileResolver.Resolve(_documents, "off", null).Profile!.Sampling.IsOff);
        Assert.Equal([new ProbabilisticPolicy("some", 5)], ProfileResolver.Resolve(_documents, "on", null).Profile!.Sampling.Policies);
    }

    [Fact]
    public void Resolve_WithoutParents_HasTheHashOfTheDocumentAlone()
    {
        var resolution = ProfileResolver.Resolve(_documents, "small", null);

        Assert.Equal(ProfileHash.Compute(ProfileTexts.Load(ProfileTexts.Minimal).Profile!, ""), ProfileHash.Compute(resolution.Profile!, ""));
        Assert.Equal(["small.yaml", "redaction/baseline.yaml"], _documents.Asked);
    }

    [Fact]
    public void Resolve_ByDocument_MayBeCalledAsItLikes()
    {
        _documents["overlays/prod/mine.yaml"] = MemoryDocuments.Overlay("mine", "{ environment: production }");

        var resolution = ProfileResolver.Resolve(_documents, new ProfileDocument("/x/My Profile.yaml", MemoryDocuments.Child("mine", "small", "{}")), "prod");

        Assert.Empty(resolution.Faults);
        Assert.Equal(["mine", "small"], resolution.Lineage);
        Assert.Equal(DeploymentEnvironment.Production, resolution.Profile!.Environment);
    }

    [Fact]
    public void Resolve_RedactionNone_ReadsNoPolicy()
    {
        _documents["bare.yaml"] = MemoryDocuments.Child("bare", "small", "{ redaction: none }");

        var resolution = ProfileResolver.Resolve(_documents, "bare", null);

        Assert.True(resolution.IsValid);
        Assert.Equal("", resolution.RedactionPolicyText);
        Assert.Equal(["bare.yaml", "small.yaml"], resolution.Documents.Select(d => d.Path));
    }
}
