using System.Diagnostics;
using System.Text.Json;

namespace StellaOps.Telemetry.Tests.Shared.Stack;

/// <summary>What a run of <c>stella</c> gave.</summary>
public sealed record StellaResult(int ExitCode, string Output, string Error)
{
    /// <summary>The output as JSON.</summary>
    /// <exception cref="InvalidOperationException">The command failed.</exception>
    public JsonElement Json() => ExitCode == 0
        ? JsonDocument.Parse(Output).RootElement
        : throw new InvalidOperationException($"stella ended with {ExitCode}: {Error}{Output}");
}

/// <summary>Runs the real command line as a user does, against the stack whose state folder is given.</summary>
public sealed class StellaCommand(string stateDirectory)
{
    /// <summary>Runs <c>stella telemetry ...</c>.</summary>
    public Task<StellaResult> TelemetryAsync(CancellationToken cancellationToken, params string[] arguments) =>
        RunAsync(["telemetry", .. arguments], null, cancellationToken);

    /// <summary>Runs <c>stella telemetry ... --output json</c> and reads the answer.</summary>
    public async Task<JsonElement> TelemetryJsonAsync(CancellationToken cancellationToken, params string[] arguments) =>
        (await TelemetryAsync(cancellationToken, [.. arguments, "--output", "json"])).Json();

    /// <summary>Runs <c>stella</c> with more environment variables; null removes one.</summary>
    public async Task<StellaResult> RunAsync(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?>? environment, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.ArgumentList.Add(BuiltProgram.Find("Cli"));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["STELLA_STATE"] = stateDirectory;
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }

        return new StellaResult(process.ExitCode, await output, await error);
    }
}
