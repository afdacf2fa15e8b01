using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using StellaOps.Telemetry.Cli.Tests.TestServices;
using StellaOps.Telemetry.Tests.Shared.Hosting;

namespace StellaOps.Telemetry.Cli.Tests.Commands;

/// <summary>The capture commands against a worker that answers as told.</summary>
public sealed class CaptureCommandTests : IDisposable
{
    private static readonly byte[] s_file = Encoding.UTF8.GetBytes("evidence");
    private readonly string _folder = Directory.CreateTempSubdirectory("stella-capture-cli-").FullName;
    private readonly List<string> _lastEventIds = [];
    private int _streams;
    private int _polls;

    [Fact]
    public async Task Capture_ByEvents_FollowsThemAndFetchesTheBundle()
    {
        // The first stream is cut after its first event.
        await using var worker = await StartAsync(stream => stream == 1 ? Event(Running("promoting", 2)) : Event(Running("reading", 4)) + Event(Ended("true", "[]", 5), "end"));

        var cli = await RunAsync(worker, "capture", "--tenant", "acme", "--from", "-5m");

        Assert.Equal(0, cli.Exit);
        Assert.Equal(["1", "3"], _lastEventIds);
        Assert.Equal(1, _polls);
        Assert.Contains("cap-1: promoting", cli.Run.Error, StringComparison.Ordinal);
        Assert.Contains("cap-1: reading", cli.Run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("not complete", cli.Run.Error, StringComparison.Ordinal);
        Assert.Matches(@"STATE\s+complete|state\s+complete", cli.Run.Out);
        Assert.Equal(s_file, await File.ReadAllBytesAsync(Path.Combine(_folder, "acme-1.tar.zst")));
    }

    [Fact]
    public async Task Capture_WithoutEvents_AsksNowAndThen()
    {
        await using var worker = await StartAsync(_ => null);

        var cli = await RunAsync(worker, "capture", "--tenant", "acme", "--from", "-5m");

        Assert.Equal((0, 1), (cli.Exit, _streams));
        Assert.True(_polls > 1);
    }

    [Theory]
    [InlineData(false, 0, "warning: the bundle is not complete:")]
    [InlineData(true, 1, "error: the bundle is not complete:")]
    public async Task Follow_IncompleteBundle_IsFetchedAndWarnedOf(bool mustBeComplete, int exit, string said)
    {
        await using var worker = await StartAsync(_ => Event(Ended("false", "[\"gateway gw-1 did not answer\"]", 5), "end"));

        var cli = await RunAsync(worker, ["capture", "follow", "cap-1", .. mustBeComplete ? (string[])["--require-complete"] : []]);

        Assert.Equal(exit, cli.Exit);
        Assert.Contains(said + "\n  gateway gw-1 did not answer", cli.Run.Error.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains("INCOMPLETE", cli.Run.Out, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder, "acme-1.tar.zst")));
    }

    [Fact]
    public async Task Cancel_SaysWhatBecameOfIt()
    {
        await using var worker = await StartAsync(_ => null);

        var cli = await RunAsync(worker, "capture", "cancel", "cap-1", "--output", "json");

        Assert.Equal(0, cli.Exit);
        Assert.Contains("\"state\": \"cancelled\"", cli.Run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--max-content", "much")]
    [InlineData("--max-duration", "long")]
    public async Task Capture_LimitThatIsNone_IsWrongUsage(string option, string value)
    {
        var cli = new CliRun();

        Assert.Equal(2, await cli.RunAsync("telemetry", "capture", "--tenant", "acme", "--from", "-5m", option, value));
        Assert.StartsWith($"error: {option}: '{value}' is not a ", cli.Error, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <param name="stream">What the n-th stream of events holds; null: there are none.</param>
    private async Task<RunningService> StartAsync(Func<int, string?> stream)
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapPost("/api/v1/captures", () => Json(Job("queued", 1, "")));
        app.MapPost("/api/v1/captures/cap-1/cancel", () => Json(Job("cancelled", 9, "\"failure\":\"cancelled by rita\",")));
        app.MapGet("/api/v1/captures/cap-1", () => Json(++_polls > 1 ? Ended("true", "[]", 5) : Running("promoting", 3)));
        app.MapGet("/api/v1/captures/cap-1/events", (HttpRequest request) =>
        {
            _lastEventIds.Add(request.Headers["Last-Event-ID"].ToString());
            return stream(++_streams) is { } text ? Results.Text(text, "text/event-stream") : Results.NotFound();
        });
        app.MapGet("/api/v1/captures/cap-1/files/acme-1.tar.zst", () => TypedResults.Bytes(s_file));
        return await RunningService.StartAsync(app);
    }

    private async Task<(int Exit, CliRun Run)> RunAsync(RunningService worker, params string[] arguments)
    {
        var cli = new CliRun { WorkingDirectory = _folder, Environment = { ["STELLA_TOKEN"] = "x" } };
        string[] target = arguments[1] == "cancel" ? [] : ["-o", _folder];
        return (await cli.RunAsync(["telemetry", .. arguments, .. target, "--url", worker.Url.ToString()]), cli);
    }

    private static IResult Json(string json) => TypedResults.Text(json, "application/json");

    private static string Event(string job, string name = "progress") => $"event: {name}\ndata: {job}\n\n";

    private static string Running(string phase, long version) => Job("running", version, $"\"phase\":\"{phase}\",");

    private static string Ended(string complete, string reasons, long version)
    {
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(s_file));
        return Job("succeeded", version, $$"""
            "bundleName":"acme-1","archiveHash":"{{sha256}}","complete":{{complete}},"incomplete":{{reasons}},
            """.Trim()).Replace("\"files\":[]", $$"""
            "files":[{"name":"acme-1.tar.zst","bytes":{{s_file.Length}},"sha256":"{{sha256}}"}]
            """.Trim(), StringComparison.Ordinal);
    }

    private static string Job(string state, long version, string more) =>
        $$"""
        {"id":"cap-1","tenant":"acme","from":"2026-03-01T12:00:00+00:00","to":"2026-03-01T12:05:00+00:00","services":[],"state":"{{state}}","progress":0.5,{{more}}"records":{},"gaps":[],"files":[],"requestedBy":"rita","requestedAt":"2026-03-01T12:06:00+00:00","version":{{version}}}
        """.Trim();
}
