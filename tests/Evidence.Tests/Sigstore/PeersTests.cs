using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using StellaOps.Telemetry.Evidence.Identity;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Sigstore;
using StellaOps.Telemetry.Evidence.Tests.TestServices;
using StellaOps.Telemetry.Tests.Shared;
using StellaOps.Telemetry.Tests.Shared.Signing;

namespace StellaOps.Telemetry.Evidence.Tests.Sigstore;

/// <summary>Two releases of cosign and @sigstore/verify against what we sign and say, and we against what they sign.</summary>
public sealed class PeersTests
{
    private static readonly Dictionary<string, string> s_environment = new() { ["COSIGN_PASSWORD"] = "a password", ["HTTP_PROXY"] = "http://127.0.0.1:9", ["HTTPS_PROXY"] = "http://127.0.0.1:9", ["NO_PROXY"] = "127.0.0.1" };

    [Theory]
    [InlineData("cosign2")]
    [InlineData("cosign3")]
    public async Task Cosign_SaysWhatWeSay_OfEveryForm(string tool)
    {
        var cosign = ExternalTool.Require(tool);
        using var cases = await PeerCases.CreateAsync();
        Succeeds(await ExternalTool.RunAsync(cosign, RootArguments(tool), cases.Folder, s_environment));
        await BeginEarlierAsync(Path.Combine(cases.Folder, "root.json"));
        Assert.True(TrustedRoot.TryParse(await File.ReadAllBytesAsync(Path.Combine(cases.Folder, "root.json")), out var root, out var error), error);

        await Parallel.ForEachAsync(cases.Cases, async (one, cancellationToken) =>
        {
            var theirs = await ExternalTool.RunAsync(cosign, VerifyArguments(tool, one), cases.Folder, s_environment);

            // cosign 2.5 passes over the digest that the bundle names; signing and verifying, it takes the artifact's.
            var isGoodToThem = one.IsGood || (tool == "cosign2" && one.Name.EndsWith("-digest", StringComparison.Ordinal));
            Assert.True(isGoodToThem == (theirs.ExitCode == 0), $"{tool} of {one.Name}: {theirs}");
            var ours = await JudgeAsync(cases, one, root);
            Assert.True(one.IsGood == (ours.Length == 0), $"we of {one.Name}: {ours}");
        });
        Assert.Equal((6, 34), (cases.Cases.Count(c => c.IsGood), cases.Cases.Count));
    }

    [Fact]
    public async Task SigstoreVerify_SaysWhatWeSay_OfEveryForm()
    {
        var cosign = ExternalTool.Require("cosign3");
        var node = new NodeFolder("Evidence.Tests");
        await node.InstallAsync();
        using var cases = await PeerCases.CreateAsync();
        Succeeds(await ExternalTool.RunAsync(cosign, RootArguments("cosign3"), cases.Folder, s_environment));
        string At(string name) => Path.Combine(cases.Folder, name);
        var list = cases.Cases.Select(c => new JsonObject
        {
            ["name"] = c.Name,
            ["bundle"] = At(c.Bundle),
            ["artifact"] = c.IsDsse ? null : At(c.Artifact),
            ["root"] = At("root.json"),
            ["key"] = c.IsOfPerson ? null : At("key.pub"),
            ["identity"] = c.IsOfPerson ? $"^{c.Identity}$" : null,
            ["issuer"] = PeerCases.Issuer,
        });
        await File.WriteAllTextAsync(At("cases.json"), new JsonArray([.. list]).ToJsonString());

        var run = await node.RunAsync("verify.mjs", new Dictionary<string, string> { ["CASES"] = At("cases.json") });

        using var answers = JsonDocument.Parse(run.Output);
        foreach (var (one, answer) in cases.Cases.Zip(answers.RootElement.EnumerateArray()))
        {
            // Of a statement it judges the envelope and leaves the subject to its caller; of a message, the signature over the artifact.
            var isGood = one.IsGood || (one.IsDsse && one.IsAboutArtifact) || one.Name.EndsWith("-digest", StringComparison.Ordinal);
            Assert.True(isGood == answer.GetProperty("ok").GetBoolean(), $"{one.Name}: {answer}");
        }
    }

    [Theory]
    [InlineData("cosign2")]
    [InlineData("cosign3")]
    public async Task WhatCosignSigns_WithATime_IsGood_AndTamperedIsNot(string tool)
    {
        var cosign = ExternalTool.Require(tool);
        using var folder = new TemporaryFolder();
        using var tsa = new TestTimestampAuthority();
        await using var server = await TimestampServer.StartAsync(tsa);
        using var key = SigningKey.Create();
        await File.WriteAllTextAsync(folder.At("our.key"), CosignKey.Write(key, "a password"));
        await File.WriteAllTextAsync(folder.At("artifact"), "what is signed");
        await File.WriteAllTextAsync(folder.At("predicate.json"), """{"a":1}""");
        await File.WriteAllTextAsync(folder.At("config.json"), """{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json","tsaUrls":[{"url":"URL","majorApiVersion":1,"validFor":{"start":"2020-01-01T00:00:00Z"},"operator":"tests"}],"tsaConfig":{"selector":"ANY"}}"""
            .Replace("URL", server.Url + "api/v1/timestamp", StringComparison.Ordinal));
        string[] offline = tool == "cosign2" ? ["--tlog-upload=false", $"--timestamp-server-url={server.Url}api/v1/timestamp"] : ["--signing-config=config.json"];
        Succeeds(await ExternalTool.RunAsync(cosign, ["sign-blob", "--yes", "--key", "our.key", .. offline, "--new-bundle-format", "--bundle", "m.json", "artifact"], folder.Path, s_environment));
        Succeeds(await ExternalTool.RunAsync(cosign, ["attest-blob", "--yes", "--key", "our.key", .. offline, "--new-bundle-format", "--bundle", "s.json", "--predicate", "predicate.json", "--type", PeerCases.PredicateType, "artifact"], folder.Path, s_environment));
        var trust = SignerTrust.Of([key.Public]) with { TimestampAuthorities = [tsa.Chain()] };
        var judge = new SignatureJudge(trust, TimeProvider.System);
        var digest = SHA256.HashData("what is signed"u8);

        Assert.True(SigstoreBundle.TryParse(await File.ReadAllBytesAsync(folder.At("m.json")), out var message, out var error), error);
        Assert.True(SigstoreBundle.TryParse(await File.ReadAllBytesAsync(folder.At("s.json")), out var statement, out error), error);
        foreach (var verdict in new[] { judge.JudgeMessage(message, digest), judge.JudgeStatement(statement) })
        {
            Assert.True(verdict.Ok, verdict.Fault);
            Assert.NotNull(verdict.Time);
        }

        using var other = SigningKey.Create();
        Assert.False(judge.JudgeMessage(message, SHA256.HashData("what is signeD"u8)).Ok);
        Assert.False(judge.JudgeMessage(message.With(statement.Timestamps[0]), digest).Ok);
        Assert.False(new SignatureJudge(trust with { Keys = [new TrustedSigner(other.Public)] }, TimeProvider.System).JudgeStatement(statement).Ok);
    }

    /// <summary>cosign 2.5 trusts authorities from the moment on at which it writes the root, and has no option to say otherwise; the times of the cases are older.</summary>
    private static async Task BeginEarlierAsync(string file)
    {
        var root = JsonNode.Parse(await File.ReadAllTextAsync(file))!;
        foreach (var authority in new[] { "certificateAuthorities", "timestampAuthorities" }.SelectMany(n => root[n]!.AsArray()))
        {
            authority!["validFor"] = new JsonObject { ["start"] = "2020-01-01T00:00:00Z" };
        }

        await File.WriteAllTextAsync(file, root.ToJsonString());
    }

    private static string[] RootArguments(string tool) => tool == "cosign2"
        ? ["trusted-root", "create", "--certificate-chain", "ca.pem", "--timestamp-certificate-chain", "tsa.pem", "--out", "root.json"]
        : ["trusted-root", "create", "--fulcio", "url=https://ca.example.org,certificate-chain=ca.pem", "--tsa", "url=https://tsa.example.org,certificate-chain=tsa.pem", "--out", "root.json"];

    private static string[] VerifyArguments(string tool, PeerCase one) =>
    [
        one.IsDsse ? "verify-blob-attestation" : "verify-blob",
        "--bundle",
        one.Bundle,
        "--trusted-root",
        "root.json",
        "--insecure-ignore-tlog",
        .. tool == "cosign2" || one.IsDsse ? ["--new-bundle-format"] : Array.Empty<string>(),
        .. one.IsOfPerson ? ["--certificate-identity", one.Identity, "--certificate-oidc-issuer", PeerCases.Issuer, "--insecure-ignore-sct"] : new[] { "--key", "key.pub" },
        .. one.HasTime ? ["--use-signed-timestamps"] : Array.Empty<string>(),
        .. one.IsDsse ? ["--type", PeerCases.PredicateType] : Array.Empty<string>(),
        one.Artifact,
    ];

    /// <summary>What is wrong; empty for nothing.</summary>
    private static async Task<string> JudgeAsync(PeerCases cases, PeerCase one, TrustedRoot root)
    {
        var digest = SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(cases.Folder, one.Artifact)));
        if (!SigstoreBundle.TryParse(await File.ReadAllBytesAsync(Path.Combine(cases.Folder, one.Bundle)), out var bundle, out var error))
        {
            return error;
        }

        var judge = new SignatureJudge(cases.TrustOf(one, root), TimeProvider.System);
        if (!one.IsDsse)
        {
            return judge.JudgeMessage(bundle, digest).Fault;
        }

        var verdict = judge.JudgeStatement(bundle);
        return verdict.Ok && (!Statement.TryParse(bundle.Envelope!.Payload.Span, out var statement) || statement.Subject[0].Digest.Sha256 != Convert.ToHexStringLower(digest))
            ? "the statement is about another file"
            : verdict.Fault;
    }

    private static void Succeeds(ToolResult result) => Assert.True(result.ExitCode == 0, result.ToString());
}
