using StellaOps.Telemetry.Profiles.Gateway;
using StellaOps.Telemetry.Profiles.Hashing;
using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.Profiles.Tests.Loading;

public sealed class ProfileLoaderTests
{
    [Theory]
    [InlineData("default", Durability.Write, false, 5)]
    [InlineData("forensic", Durability.Fsync, false, 10)]
    [InlineData("airgap", Durability.Fsync, true, 5)]
    public void Load_ShippedProfile_IsValid(string name, Durability durability, bool isSealed, int decisionWaitSeconds)
    {
        var result = ProfileTexts.Load(ProfileTexts.Shipped(name));

        Assert.Empty(result.Faults);
        Assert.True(result.IsValid);
        Assert.Equal(name, result.Profile.Name);
        Assert.Equal(durability, result.Profile.Durability);
        Assert.Equal(isSealed, result.Profile.Sealed.Enabled);
        Assert.Equal(TimeSpan.FromSeconds(decisionWaitSeconds), result.Profile.Sampling.DecisionWait);
        Assert.Equal("baseline", result.Profile.Redaction);
    }

    [Fact]
    public void Load_DefaultProfile_HasTheValuesOfTheDocument()
    {
        var profile = ProfileTexts.Load(ProfileTexts.Shipped("default")).Profile!;

        Assert.Equal(new RecorderSettings(TimeSpan.FromMinutes(15), 1L << 30, 64 << 20, 0.5), profile.Recorder);
        Assert.Equal(new IngestSettings(16 << 20, 64 << 20, 32, 100_000), profile.Ingest.Limits);
        Assert.Equal([new ArchiveExporterSettings("archive", 8 << 20, TimeSpan.FromSeconds(5))], profile.Exporters);
        Assert.Collection(
            profile.Sampling.Policies,
            p => Assert.Equal([2], Assert.IsType<StatusCodePolicy>(p).StatusCodes),
            p => Assert.Equal(new LatencyPolicy("slow", TimeSpan.FromSeconds(2)), p),
            p => Assert.Equal(new ProbabilisticPolicy("baseline", 10), p));
        Assert.Equal(
            [
                new RetentionTier("sampled", TimeSpan.FromDays(14)) { WarmAfter = TimeSpan.FromDays(2), MaxBytes = 100L << 30 },
                new RetentionTier("promoted", TimeSpan.FromDays(90)) { WarmAfter = TimeSpan.FromDays(7), MaxBytes = 200L << 30 },
            ],
            profile.Retention);
    }

    [Fact]
    public void Load_Minimal_FillsInDefaults()
    {
        var profile = ProfileTexts.Load(ProfileTexts.Minimal).Profile!;

        Assert.Equal(new RecorderSettings(TimeSpan.FromMinutes(15), 1L << 30, 64 << 20, 0.5), profile.Recorder);
        Assert.Equal(new Uri("http://127.0.0.1:4317"), profile.Ingest.GrpcUrl);
        Assert.Empty(profile.Exporters);
    }

    [Theory]
    [InlineData("durability: write", "durability: sometimes", 8, 15, "spec.durability")]
    [InlineData("durability: write", "durability:", 8, 14, "spec.durability")]
    [InlineData("durability: write", "durabilty: fsync", 8, 3, "spec.durabilty")]
    [InlineData("name: small", "name: Small Profile", 4, 9, "metadata.name")]
    [InlineData("type: always_sample", "type: coin_flip", 12, 15, "spec.sampling.policies[0].type")]
    [InlineData("type: always_sample", "type: latency", 11, 9, "spec.sampling.policies[0].latency.threshold")]
    [InlineData("name: all", "name: incident", 11, 15, "spec.sampling.policies[0].name")]
    [InlineData("durability: write", "durability: write\n  recorder: { max_bytes: 1MiB }", 9, 26, "spec.recorder.max_bytes")]
    [InlineData("durability: write", "durability: write\n  recorder: { tenant_share: 1.5 }", 9, 29, "spec.recorder.tenant_share")]
    [InlineData("durability: write", "durability: write\n  ingest: { listeners: { grpc: 'http://0.0.0.0:4317' } }", 9, 32, "spec.ingest.listeners.grpc")]
    [InlineData("durability: write", "durability: write\n  incident: { lookback: 2h }", 9, 25, "spec.incident.lookback")]
    [InlineData("durability: write", "durability: write\n  sealed: { enabled: true }", 8, 15, "spec.durability")]
    [InlineData("durability: write", "durability: write\n  exporters: [{ name: a, type: archive }, { name: a, type: otlp, endpoint: 'http://x:1' }]", 9, 51, "spec.exporters[1].name")]
    [InlineData("redaction: baseline", "", 6, 3, "spec.redaction")]
    [InlineData("kind: Profile", "kind: Pod", 2, 7, "kind")]
    public void Load_OneFault_NamesPlaceAndFix(string old, string @new, int line, int column, string path)
    {
        var result = ProfileTexts.Load(ProfileTexts.Minimal.Replace(old, @new, StringComparison.Ordinal));

        Assert.False(result.IsValid);
        var fault = result.Faults.FirstOrDefault(f => f.Path == path);
        Assert.True(fault is not null, string.Join('\n', result.Faults));
        Assert.Equal((line, column), (fault.Line, fault.Column));
        Assert.NotEmpty(fault.Fix);
        Assert.StartsWith($"p.yaml:{line}:{column}: {path}: ", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_ManyFaults_FindsAllInOnePass()
    {
        var result = ProfileTexts.Load("""
            apiVersion: telemetry.stella-ops.org/v2
            kind: Profile
            metadata: { name: forensic }
            spec:
              environment: production
              redaction: none
              durability: write
              sampling:
                decision_wait: soon
                policies:
                  - { name: a, type: always_sample }
                  - { name: a, type: probabilistic, probabilistic: { sampling_percentage: 110 } }
              sealed: { enabled: true }
              exporters:
                - { name: tempo, type: otlp, endpoint: "http://tempo.example:4317" }
            """);

        Assert.Equal(
            [
                "apiVersion", "spec.redaction", "spec.durability", "spec.durability", "spec.sampling.decision_wait",
                "spec.sampling.policies[1].name", "spec.sampling.policies[1].probabilistic.sampling_percentage", "spec.exporters[0].endpoint",
            ],
            result.Faults.Select(f => f.Path));
    }

    [Theory]
    [InlineData("development", "127.0.0.1", true)]
    [InlineData("production", "127.0.0.1", false)]
    [InlineData("development", "10.0.0.1", false)]
    public void Load_RedactionNone_OnlyOnLoopbackInDevelopment(string environment, string host, bool valid)
    {
        var result = ProfileTexts.Load(ProfileTexts.Minimal
            .Replace("environment: development", $"environment: {environment}\n  ingest: {{ listeners: {{ grpc: 'http://{host}:4317' }} }}", StringComparison.Ordinal)
            .Replace("redaction: baseline", "redaction: none", StringComparison.Ordinal));

        Assert.Equal(valid, result.IsValid);
        Assert.Equal(!valid, result.Faults.Any(f => f.Path == "spec.redaction"));
    }

    [Fact]
    public void Load_SamplingNone_SwitchesTailSamplingOffAnywhere()
    {
        var sampled = ProfileTexts.Minimal.Replace("environment: development", "environment: production", StringComparison.Ordinal);
        var text = sampled[..sampled.IndexOf("  sampling:", StringComparison.Ordinal)] + "  sampling: none\n";

        var profile = ProfileTexts.Load(text).Profile!;

        Assert.True(profile.Sampling.IsOff);
        Assert.Empty(profile.Sampling.Policies);
        Assert.Contains("\"sampling\":\"none\"", System.Text.Encoding.UTF8.GetString(ProfileHash.Canonical(profile, "")), StringComparison.Ordinal);
        Assert.Contains(ProfileTexts.Load(text.Replace("sampling: none", "sampling: off", StringComparison.Ordinal)).Faults, f => f.Path == "spec.sampling");
    }

    [Theory]
    [InlineData("")]
    [InlineData("- a\n- b")]
    [InlineData("a: b\n---\nc: d")]
    [InlineData("a: [1, 2")]
    [InlineData("a: 1\na: 2")]
    [InlineData("a: *nowhere")]
    [InlineData("a")]
    [InlineData("? [a]\n: b")]
    [InlineData("apiVersion: telemetry.stella-ops.org/v1")]
    public void Load_NoProfileAtAll_IsAFaultAndNoException(string text)
    {
        var result = ProfileTexts.Load(text);

        Assert.False(result.IsValid);
        Assert.All(result.Faults, f => Assert.True(f.Line >= 1 && f.Column >= 1));
        Assert.NotEmpty(result.Faults);
    }

    [Fact]
    public void Load_FaultOfALongOrWildValue_QuotesItBriefly()
    {
        var text = ProfileTexts.Minimal.Replace("durability: write", $"durability: \"a\\e[31m{new string('x', 100_000)}\"", StringComparison.Ordinal);

        var fault = Assert.Single(ProfileTexts.Load(text).Faults);

        Assert.StartsWith("'a [31mxxx", fault.Problem, StringComparison.Ordinal);
        Assert.InRange(fault.Problem.Length, 400, 403);
    }

    [Fact]
    public void Load_EveryTruncationOfAShippedProfile_NeverThrows()
    {
        var text = ProfileTexts.Shipped("default");
        for (var length = 0; length < text.Length; length += 7)
        {
            var result = ProfileTexts.Load(text[..length]);
            Assert.Equal(result.IsValid, result.Faults.Count == 0);
        }
    }
}
