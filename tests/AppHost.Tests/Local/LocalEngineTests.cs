using System.Diagnostics;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.AppHost.Tests.Local;

/// <summary>The real AppHost, with the processes that the others stand on: what holds for one child holds for all of them.</summary>
public sealed class LocalEngineTests
{
    private static readonly string[] s_few = ["--only", "redis,profile-service"];

    [Fact]
    public async Task Start_SaysEngineAndReason_AndEverythingAnswers()
    {
        await using var stack = await StackProcess.StartAsync(null, s_few);

        Assert.StartsWith("engine: local, because ", stack.Output, StringComparison.Ordinal);
        using var http = new HttpClient { BaseAddress = stack.Url(KnownServices.ProfileService) };
        Assert.Equal(System.Net.HttpStatusCode.OK, (await http.GetAsync("/health")).StatusCode);
        Assert.All(stack.Endpoints.Processes, p => Assert.True(StackProcess.IsAlive(p.ProcessId), p.Name));
    }

    [Fact]
    public async Task Child_KilledHard_RunsAgainAndServes()
    {
        await using var stack = await StackProcess.StartAsync(null, s_few);

        foreach (var name in (string[])[KnownServices.Postgres, KnownServices.Redis, KnownServices.ProfileService])
        {
            await stack.RestartedAsync(name, await stack.KillAsync(name));
        }

        using var http = new HttpClient { BaseAddress = stack.Url(KnownServices.ProfileService) };
        await Eventually.HoldsAsync(async () => (await http.GetAsync("/health")).IsSuccessStatusCode, TimeSpan.FromSeconds(30), "the profile service is healthy again");
    }

    [Fact]
    public async Task Supervisor_OfPostgresKilled_TheServerRunsSupervisedAgain()
    {
        await using var stack = await StackProcess.StartAsync(null, s_few);
        var server = stack.ProcessIdOf(KnownServices.Postgres);
        var supervisor = StackProcess.ParentOf(server);
        Assert.NotEqual(stack.ProcessId, supervisor);

        await StackProcess.KillAsync(supervisor);

        await stack.RestartedAsync(KnownServices.Postgres, server);
        Assert.False(StackProcess.IsAlive(server));
        Assert.NotEqual(supervisor, StackProcess.ParentOf(stack.ProcessIdOf(KnownServices.Postgres)));
    }

    [Fact]
    public async Task Terminate_LeavesNoProcessWithinTenSeconds_AndTheNextStartFindsTheStateAgain()
    {
        using var folder = new TemporaryFolder();
        int[] children;
        string trust;
        var watch = Stopwatch.StartNew();
        await using (var stack = await StackProcess.StartAsync(folder.Path, s_few))
        {
            children = [.. stack.Endpoints.Processes.Select(p => p.ProcessId)];
            trust = await File.ReadAllTextAsync(Path.Combine(folder.Path, "keys", "trust.json"));
            watch.Restart();
            await stack.StopAsync();
            Assert.Equal(0, stack.ExitCode);
        }

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"it took {watch.Elapsed}");
        Assert.DoesNotContain(children, StackProcess.IsAlive);
        Assert.False(File.Exists(Path.Combine(folder.Path, "endpoints.json")));

        await using var again = await StackProcess.StartAsync(folder.Path, s_few);
        Assert.Equal(trust, await File.ReadAllTextAsync(Path.Combine(folder.Path, "keys", "trust.json")));
    }

    [Fact]
    public async Task Host_KilledHard_ChildrenEndWithinTenSeconds_AndTheNextStartRecovers()
    {
        using var folder = new TemporaryFolder();
        await using var stack = await StackProcess.StartAsync(folder.Path, s_few);
        var children = stack.Endpoints.Processes.Select(p => p.ProcessId).ToArray();

        await stack.KillHostAsync();

        await Eventually.HoldsAsync(() => !children.Any(StackProcess.IsAlive), TimeSpan.FromSeconds(10), "the children of a killed AppHost are gone");
        await using var again = await StackProcess.StartAsync(folder.Path, s_few);
        Assert.NotEqual(stack.ProcessId, again.Endpoints.ProcessId);
    }

    [Fact]
    public async Task Parent_KilledHard_EndsTheStackWithinTenSeconds()
    {
        using var parent = Process.Start("sleep", "600");
        await using var stack = StackProcess.LaunchFor(parent.Id, null, "--only", "redis");
        await stack.ReadyAsync();
        var children = stack.Endpoints.Processes.Select(p => p.ProcessId).ToArray();

        parent.Kill();

        await Eventually.HoldsAsync(() => stack.HasExited, TimeSpan.FromSeconds(10), "AppHost ends after the process that started it");
        Assert.Equal(0, stack.ExitCode);
        Assert.DoesNotContain(children, StackProcess.IsAlive);
    }

    [Fact]
    public async Task Start_OnAStateFolderInUse_IsRefusedInOneLine()
    {
        await using var stack = await StackProcess.StartAsync(null, "--only", "redis");

        await using var second = StackProcess.Launch(stack.StateDirectory, "--only", "redis");
        await Eventually.HoldsAsync(() => second.HasExited, TimeSpan.FromSeconds(20), "the second one ends");

        Assert.Equal(1, second.ExitCode);
        Assert.Contains("is in use by another AppHost", second.Output, StringComparison.Ordinal);
        Assert.All(stack.Endpoints.Processes, p => Assert.True(StackProcess.IsAlive(p.ProcessId)));
    }

    [Fact]
    public async Task Keys_AreReadableByTheirOwnerOnly()
    {
        await using var stack = await StackProcess.StartAsync(null, "--only", "redis");

        var keys = Path.Combine(stack.StateDirectory, "keys");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(keys));
        Assert.All(Directory.GetFiles(keys), f => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(f)));
    }

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("stella-state-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
