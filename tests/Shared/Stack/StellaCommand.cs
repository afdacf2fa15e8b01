using System.Diagnostics;
using System.Text.Json;

namespace StellaOps.Telemetry.Tests.Shared.Stack;

/// <summary>Runs the real command line as a user does, against the stack whose state folder is given.</summary>
public sealed class StellaCommand(string stateDirectory)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    /// <summary>Runs <c>stella telemetry ...</c>.</summary>
    public Task<ToolResult> TelemetryAsync(params string[] arguments) => RunAsync(["telemetry", .. arguments]);

    /// <summary>Runs <c>stella telemetry ... --output json</c> and reads the answer.</summary>
    /// <exception cref="InvalidOperationException">The command failed.</exception>
    public async Task<JsonElement> TelemetryJsonAsync(params string[] arguments)
    {
        var result = await TelemetryAsync([.. arguments, "--output", "json"]);
        return result.ExitCode == 0
            ? JsonDocument.Parse(result.Output).RootElement
            : throw new InvalidOperationException($"stella telemetry {string.Join(' ', arguments)} ended with {result.ExitCode}: {result.Error}{result.Output}");
    }

    /// <summary>Starts <c>stella telemetry ...</c>, for who means to end it before its end. What it prints is lost.</summary>
    public Process StartTelemetry(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [BuiltProgram.Find("Cli"), "telemetry", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["STELLA_STATE"] = stateDirectory;
        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Runs <c>stella</c> with more environment variables.</summary>
    public Task<ToolResult> RunAsync(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment = null) =>
        ExternalTool.RunAsync(
            "dotnet",
            [BuiltProgram.Find("Cli"), .. arguments],
            environment: new Dictionary<string, string>(environment ?? new Dictionary<string, string>()) { ["STELLA_STATE"] = stateDirectory },
            within: s_limit);
}
