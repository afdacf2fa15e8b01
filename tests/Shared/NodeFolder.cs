using StellaOps.Telemetry.Tests.Shared.Processes;
using Xunit;

namespace StellaOps.Telemetry.Tests.Shared;

/// <summary>A test's folder <c>node</c>: programs for Node with the packages that its lock file names.</summary>
/// <param name="project">The test project's folder below <c>tests</c>.</param>
public sealed class NodeFolder(string project)
{
    private static readonly TimeSpan s_installLimit = TimeSpan.FromMinutes(3);
    private string? _node;

    private string Folder => Path.Combine(Repository.Root, "tests", project, "node");

    /// <summary>Gets the packages, where they are not there yet.</summary>
    public async Task InstallAsync()
    {
        _node = ExternalTool.Find("node");
        if (_node is null || Directory.Exists(Path.Combine(Folder, "node_modules")))
        {
            return;
        }

        if (ExternalTool.Find("npm") is not { } npm)
        {
            _node = null;
            return;
        }

        var install = await ExternalTool.RunAsync(npm, ["ci", "--silent", "--no-fund", "--no-audit"], Folder, within: s_installLimit);
        Assert.True(install.ExitCode == 0, "npm ci: " + install.Error + install.Output);
    }

    /// <summary>Runs a program of the folder to its good end. Without Node the test is skipped on a laptop and fails in CI.</summary>
    public async Task<ToolResult> RunAsync(string program, IReadOnlyDictionary<string, string> environment)
    {
        if (_node is null)
        {
            Dependency.Missing("node with npm");
        }

        var run = await ExternalTool.RunAsync(_node, [Path.Combine(Folder, program)], Folder, environment);
        Assert.True(run.ExitCode == 0, run.Error + run.Output);
        return run;
    }
}
