using System.Text.Json;
using StellaOps.Telemetry.Cli.Tests.TestServices;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.Cli.Tests.Commands;

public sealed class ProfileRenderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stella-render-");
    private readonly CliRun _cli = new() { WorkingDirectory = Repository.Root };

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("default")]
    [InlineData("default", "--overlay", "prod")]
    [InlineData("forensic")]
    [InlineData("airgap")]
    public async Task Verify_GoldenFiles_AreAsRendered(params string[] profile)
    {
        Assert.Equal(0, await _cli.RunAsync(["telemetry", "profile", "render", .. profile, "--verify"]));
        Assert.Contains("files are as rendered", _cli.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task To_Folder_HoldsTheGoldenFiles()
    {
        Assert.Equal(0, await _cli.RunAsync("telemetry", "profile", "render", "forensic", "--to", _folder.FullName));

        var golden = Path.Combine(Repository.Root, "profiles", "rendered", "forensic");
        Assert.Equal(Names(golden), Names(_folder.FullName));
        Assert.All(Names(golden), n => Assert.Equal(File.ReadAllBytes(Path.Combine(golden, n)), File.ReadAllBytes(Path.Combine(_folder.FullName, n))));
    }

    [Fact]
    public async Task Verify_AChangedByte_IsThree()
    {
        await _cli.RunAsync("telemetry", "profile", "render", "default", "--to", _folder.FullName);
        var file = Path.Combine(_folder.FullName, "loki.yaml");
        await File.AppendAllTextAsync(file, "#", TestContext.Current.CancellationToken);
        File.Delete(Path.Combine(_folder.FullName, "tempo.yaml"));
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "collector.yaml"), "of an earlier profile", TestContext.Current.CancellationToken);

        var again = new CliRun { WorkingDirectory = Repository.Root };
        Assert.Equal(3, await again.RunAsync("telemetry", "profile", "render", "default", "--to", _folder.FullName, "--verify", "--output", "json"));

        Assert.Equal(
            ["collector.yaml left over", "loki.yaml differs", "tempo.yaml missing"],
            JsonDocument.Parse(again.Out).RootElement.EnumerateArray()
                .Select(f => $"{f.GetProperty("name").GetString()} {f.GetProperty("state").GetString()}").Where(s => !s.EndsWith(" same", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task To_FolderOfAnotherProfile_LosesWhatIsLeftOver()
    {
        await _cli.RunAsync("telemetry", "profile", "render", "default", "--overlay", "prod", "--to", _folder.FullName);
        Assert.Contains("collector.yaml", Names(_folder.FullName));
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "notes.txt"), "mine", TestContext.Current.CancellationToken);

        await _cli.RunAsync("telemetry", "profile", "render", "default", "--to", _folder.FullName);

        Assert.DoesNotContain("collector.yaml", Names(_folder.FullName));
        Assert.Contains("notes.txt", Names(_folder.FullName));
    }

    [Fact]
    public async Task Only_OneFile_IsPrintedAsItIs()
    {
        Assert.Equal(0, await _cli.RunAsync("telemetry", "profile", "render", "default", "--overlay", "prod", "--only", "collector"));

        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "profiles", "rendered", "default.prod", "collector.yaml"), TestContext.Current.CancellationToken), _cli.Out);
    }

    [Fact]
    public async Task Only_AStore_IsAllOfItsFiles()
    {
        Assert.Equal(0, await _cli.RunAsync("telemetry", "profile", "render", "default", "--only", "loki, gateway.json", "--to", _folder.FullName));

        Assert.Equal(["gateway.json", "loki-overrides.yaml", "loki.yaml"], Names(_folder.FullName));
    }

    [Fact]
    public async Task Json_OfAllFiles_HasContentAndDigest()
    {
        Assert.Equal(0, await _cli.RunAsync("telemetry", "profile", "render", "default", "--output", "json"));

        var gateway = JsonDocument.Parse(_cli.Out).RootElement.EnumerateArray().Single(f => f.GetProperty("name").GetString() == "gateway.json");
        Assert.Equal("application/json", gateway.GetProperty("contentType").GetString());
        Assert.Equal(64, gateway.GetProperty("digest").GetString()!.Length);
        Assert.StartsWith("{\"apiVersion\":", gateway.GetProperty("content").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "the profile renders nothing for 'collector'", "default", "--only", "collector")]
    [InlineData(2, "there is no profile 'nobody'", "nobody")]
    [InlineData(1, "'README.md' has ", "README.md")]
    public async Task Render_WhatCannotBe_SaysWhy(int code, string why, params string[] args)
    {
        Assert.Equal(code, await _cli.RunAsync(["telemetry", "profile", "render", .. args]));
        Assert.Contains(why, _cli.Error, StringComparison.Ordinal);
        Assert.Equal("", _cli.Out);
    }

    private static IReadOnlyList<string> Names(string folder) => [.. Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];
}
