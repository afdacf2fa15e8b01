using System.Diagnostics;

namespace StellaOps.Telemetry.Cli.Commands.Kits.Building;

/// <summary>Runs <c>eng/kit.sh stage</c> of the repository found upward from the working directory.</summary>
internal static class StageScript
{
    private const string Script = "eng/kit.sh";

    /// <returns>The staging folder.</returns>
    public static async Task<string> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var folder = new DirectoryInfo(context.Host.WorkingDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, Script)))
        {
            folder = folder.Parent;
        }

        if (folder is null)
        {
            throw CliException.Usage($"no repository ('{Script}') from '{context.Host.WorkingDirectory}' upward", "run this in a checkout, or name with --from what 'eng/kit.sh stage' gathered");
        }

        var staging = Path.Combine(folder.FullName, "artifacts", "kit");
        context.Output.Note($"staging in {staging}; this takes minutes");
        using var process = Process.Start(new ProcessStartInfo("bash", [Script, "stage", staging]) { WorkingDirectory = folder.FullName, RedirectStandardOutput = true })!;
        try
        {
            while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
            {
                context.Output.Note(line);
            }

            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return process.ExitCode == 0 ? staging : throw new CliException(CliExitCodes.Failed, $"'{Script} stage' failed with exit code {process.ExitCode}", "what it said stands above");
    }
}
