using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using StellaOps.Telemetry.Cli.Tests.TestServices;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Profiles;
using StellaOps.Telemetry.Profiles.Hashing;
using StellaOps.Telemetry.Profiles.Signing;
using StellaOps.Telemetry.Tests.Shared.Auth;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Profiles;

namespace StellaOps.Telemetry.Cli.Tests.Commands;

public sealed class ProfileDiffTests
{
    private readonly CliRun _cli = new() { WorkingDirectory = Repository.Root };

    [Fact]
    public async Task Diff_OneProfileWithItself_IsNothing()
    {
        Assert.Equal(0, await _cli.RunAsync("telemetry", "profile", "diff", "default", "profiles/default.yaml", "--fail-on", "harmless"));
        Assert.Contains("no change", _cli.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Diff_ForMachines_IsJson()
    {
        Assert.Equal(0, await _cli.RunAsync("telemetry", "profile", "diff", "forensic", "default", "--output", "json"));

        var report = JsonDocument.Parse(_cli.Out).RootElement;
        Assert.Equal("weakens-durability", report.GetProperty("highestRisk").GetString());
        var baseline = report.GetProperty("changes").EnumerateArray().Single(c => c.GetProperty("path").GetString() == "spec.sampling.policies.baseline.sampling_percentage");
        Assert.Equal("50 %", baseline.GetProperty("before").GetString());
        Assert.Equal("10 %", baseline.GetProperty("after").GetString());
        Assert.Equal("lowers-sampling", baseline.GetProperty("risk").GetString());
        Assert.Equal("sampling policy 'baseline' keeps 50 % -> 10 %", baseline.GetProperty("text").GetString());
        Assert.EndsWith("changes\n", _cli.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("weakens-durability", 3)]
    [InlineData("harmless", 3)]
    [InlineData("opens-egress", 0)]
    public async Task FailOn_Threshold_DecidesTheExitCode(string threshold, int code) =>
        Assert.Equal(code, await _cli.RunAsync("telemetry", "profile", "diff", "forensic", "default", "--fail-on", threshold));

    [Fact]
    public async Task Overlay_LiesOverBoth()
    {
        var folder = Directory.CreateTempSubdirectory("stella-diff-");
        try
        {
            foreach (var file in (string[])["default.yaml", "redaction/baseline.yaml", "overlays/prod/default.yaml"])
            {
                Directory.CreateDirectory(Path.Combine(folder.FullName, Path.GetDirectoryName(file)!));
                File.Copy(Path.Combine(Repository.Root, "profiles", file), Path.Combine(folder.FullName, file));
            }

            var mine = Path.Combine(folder.FullName, "overlays", "prod", "default.yaml");
            var text = await File.ReadAllTextAsync(mine, TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(mine, text.Replace("queue_bytes: 4GiB", "queue_bytes: 2GiB", StringComparison.Ordinal), TestContext.Current.CancellationToken);

            Assert.Equal(3, await _cli.RunAsync(
                "telemetry", "profile", "diff", "default", Path.Combine(folder.FullName, "default.yaml"), "--overlay", "prod", "--fail-on", "weakens-durability"));
            Assert.Contains("queue of edge Collectors 4GiB -> 2GiB", _cli.Out, StringComparison.Ordinal);
            Assert.Contains("1 change", _cli.Out, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Diff_FileWithTheNameOfAVersion_IsMeantByItsPath()
    {
        var folder = Directory.CreateTempSubdirectory("stella-diff-");
        try
        {
            foreach (var (file, copy) in (ReadOnlySpan<(string, string)>)[("default.yaml", "default@7"), ("redaction/baseline.yaml", "redaction/baseline.yaml")])
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder.FullName, copy))!);
                File.Copy(Path.Combine(Repository.Root, "profiles", file), Path.Combine(folder.FullName, copy));
            }

            var cli = new CliRun { WorkingDirectory = folder.FullName };
            Assert.Equal(0, await cli.RunAsync("telemetry", "profile", "diff", "./default@7", Path.Combine(Repository.Root, "profiles", "default.yaml")));
            Assert.Contains("no change", cli.Out, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Diff_ServiceThatDoesNotGiveWhatWasSigned_IsFound()
    {
        using var identities = new TestIdentities();
        var signed = new SignedProfiles(identities);
        var (good, other) = (ProfileVersions.Closure("shop", 1), ProfileVersions.Closure("shop", 2, edge: true));
        var forged = new ProfileClosure("shop", 1, null, other.Documents);
        (ProfileClosure Given, ProfileClosure Hashed) gives = (good, good);
        await using var service = await StartAsync(app =>
        {
            app.MapGet("/api/v1/profiles/shop/versions/1/closure", () => TypedResults.Bytes(gives.Given.ToBytes(), "application/json"));
            app.MapGet("/api/v1/profiles/shop/versions/1/author", () => TypedResults.Bytes(signed.Version(good), "application/json"));
            app.MapGet("/api/v1/profiles/shop/versions/1", () => TypedResults.Json(
                new ProfileVersionResponse(
                    "shop", 1, null, gives.Hashed.Digest, HashOf(gives.Hashed), ["shop"], "developer", "", SignedProfiles.Now, "dora", SignedProfiles.Now, 0, true, []),
                ContractsJson.Default.ProfileVersionResponse));
        });

        Assert.Equal((0, ""), await DiffAsync("--trust", identities.TrustFile));
        Assert.Equal((0, ""), await DiffAsync());
        gives = (other, good);
        Assert.Equal((3, "the service did not give version 1 of 'shop': it gave shop@2"), await DiffAsync());
        gives = (forged, good);
        Assert.Equal((3, $"version 1 of 'shop' does not come here to the hash {HashOf(good)} that developer signed"), await DiffAsync());

        // One that lies twice is believed, but not by whoever looks at the signature.
        gives = (forged, forged);
        Assert.Equal((0, ""), await DiffAsync());
        var (code, error) = await DiffAsync("--trust", identities.TrustFile);
        Assert.Equal(3, code);
        Assert.Contains("version 1 of 'shop' is not taken: author.sigstore.json is about shop-1.closure.json", error, StringComparison.Ordinal);

        async Task<(int Code, string Error)> DiffAsync(params string[] more)
        {
            var cli = new CliRun { WorkingDirectory = Repository.Root, Environment = { ["STELLA_TOKEN"] = "x" } };
            var code = await cli.RunAsync(["telemetry", "profile", "diff", "shop@1", "default", "--url", service.Url.ToString(), .. more]);
            return (code, cli.Error.Split('\n')[0].Replace("error: ", "", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(2, "there is no profile 'nobody'", "default", "nobody")]
    [InlineData(2, "--fail-on: write one of harmless, ", "default", "forensic", "--fail-on", "scary")]
    [InlineData(1, "'README.md' has ", "README.md", "default")]
    [InlineData(2, "README.md' is not a trust file", "default", "forensic", "--trust", "README.md")]
    [InlineData(2, "'default@0' is no version of 'default'", "default@0", "default")]
    [InlineData(2, "'default@prod' is no version of 'default'", "default", "default@prod")]
    [InlineData(2, "'default@' is no version of 'default'", "default", "default@")]
    [InlineData(2, "there is no profile 'default@7.yaml'", "default@7.yaml", "default")]
    [InlineData(2, "there is no profile './default@7'", "./default@7", "default")]
    [InlineData(2, "'agent:left/running' says not what of which agent", "agent:left/running", "default")]
    [InlineData(2, "says not what of which agent", "agent:0192f3a1-5c7e-7000-8000-3f2b1a4c5d6e", "default")]
    [InlineData(2, "says not what of which agent", "agent:0192f3a1-5c7e-7000-8000-3f2b1a4c5d6e/received", "default")]
    public async Task Diff_WhatCannotBe_SaysWhy(int code, string why, params string[] args)
    {
        Assert.Equal(code, await _cli.RunAsync(["telemetry", "profile", "diff", .. args]));
        Assert.Contains(why, _cli.Error, StringComparison.Ordinal);
        Assert.Equal("", _cli.Out);
    }

    [Fact]
    public async Task Help_SaysTheExitCodesAndRisks()
    {
        Assert.Equal(0, await _cli.RunAsync("telemetry", "profile", "diff", "--help"));
        Assert.Contains("Exit with 3", string.Join(' ', _cli.Out.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Contains("drops-redaction-rule", _cli.Out, StringComparison.Ordinal);
        Assert.Contains("profile diff forensic@6 forensic@latest --trust trust.json", _cli.Out, StringComparison.Ordinal);
        Assert.Contains("/running agent:", _cli.Out, StringComparison.Ordinal);
    }

    private static string HashOf(ProfileClosure closure)
    {
        var resolution = closure.Resolve();
        return ProfileHash.Compute(resolution.Profile!, resolution.RedactionPolicyText);
    }

    private static Task<RunningService> StartAsync(Action<WebApplication> map)
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        map(app);
        return RunningService.StartAsync(app);
    }
}
