using System.Diagnostics;
using Xunit;

namespace StellaOps.Telemetry.Tests.Shared;

/// <summary>Programs that a test meets as real peers, fetched by <c>eng/tools.sh</c>.</summary>
public static class ExternalTool
{
    /// <summary>The program's path. Without it the test is skipped on a laptop and fails in CI (<c>CI=true</c>).</summary>
    /// <param name="name">A name that <c>eng/tools.sh</c> knows, or a program of the machine.</param>
    public static string Require(string name)
    {
        if (Find(name) is { } path)
        {
            return path;
        }

        var message = $"'{name}' is missing: run eng/tools.sh {name}";
        Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", message);
        Assert.Fail(message);
        return "";
    }

    /// <summary>The program's path in <c>.tools/bin</c> of this or a parent folder, else in PATH, else null.</summary>
    public static string? Find(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, ".tools", "bin", name);
            if (File.Exists(path))
            {
                return path;
            }
        }

        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>Runs a program to its end, within a minute unless told otherwise.</summary>
    public static async Task<ToolResult> RunAsync(
        string path,
        IReadOnlyList<string> arguments,
        string? workingDirectory = null,
        IReadOnlyDictionary<string, string>? environment = null,
        TimeSpan? within = null)
    {
        var start = new ProcessStartInfo(path, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = workingDirectory ?? "",
        };
        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[key] = value;
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException($"'{path}' does not start");
        process.StandardInput.Close();
        var limit = within ?? TimeSpan.FromMinutes(1);
        using var timeout = new CancellationTokenSource(limit);
        var output = process.StandardOutput.ReadToEndAsync(timeout.Token);
        var error = process.StandardError.ReadToEndAsync(timeout.Token);
        try
        {
            await process.WaitForExitAsync(timeout.Token);
            return new ToolResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"'{path} {string.Join(' ', arguments)}' did not end within {limit}");
        }
    }
}

/// <summary>How a program ended and what it said.</summary>
public sealed record ToolResult(int ExitCode, string Output, string Error);
