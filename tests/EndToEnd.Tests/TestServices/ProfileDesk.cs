using StellaOps.Telemetry.Tests.Shared;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.EndToEnd.Tests.TestServices;

/// <summary>Profiles as people write them in a folder of their own, and bring on their way with the command line and the keys of a stack.</summary>
internal sealed class ProfileDesk : IDisposable
{
    private readonly StellaCommand _stella;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stella-profiles-");

    public ProfileDesk(StellaCommand stella)
    {
        _stella = stella;
        foreach (var file in (string[])["default.yaml", "forensic.yaml", "redaction/baseline.yaml"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(PathOf(file))!);
            File.Copy(Path.Combine(Repository.Root, "profiles", file), PathOf(file));
        }
    }

    /// <summary>Writes a profile, or writes it anew.</summary>
    /// <param name="spec">What stands below <c>spec</c>, indented by two.</param>
    /// <returns>The file.</returns>
    public string Write(string name, string parent, string spec)
    {
        File.WriteAllText(PathOf(name + ".yaml"), $"apiVersion: telemetry.stella-ops.org/v1\nkind: Profile\nmetadata: {{ name: {name} }}\nextends: {parent}\nspec:\n{spec}\n");
        return PathOf(name + ".yaml");
    }

    /// <summary>Writes it and stores it as the next version, signed by the author.</summary>
    public Task PublishAsync(string name, string parent, string spec) => SucceedsAsync("profile", "apply", Write(name, parent, spec), "--key", "author");

    /// <summary>The latest version, approved by somebody else than its author.</summary>
    public Task ApproveAsync(string name) => SucceedsAsync("profile", "approve", name, "--key", "approver", "--comment", "read it");

    /// <summary>Deploys and follows it to its end, whatever that is.</summary>
    public Task<ToolResult> DeployAsync(string name, params string[] more) => _stella.TelemetryAsync(["deploy", name, "--apply-within", "20s", "--watch", .. more]);

    /// <summary>Deploys and follows it; the test fails unless it is completed.</summary>
    public Task<ToolResult> DeployedAsync(string name, params string[] more) => SucceedsAsync(["deploy", name, "--apply-within", "20s", "--watch", .. more]);

    public void Dispose() => _folder.Delete(recursive: true);

    private string PathOf(string file) => Path.Combine(_folder.FullName, file);

    private async Task<ToolResult> SucceedsAsync(params string[] arguments)
    {
        var result = await _stella.TelemetryAsync(arguments);
        Assert.True(result.ExitCode == 0, $"{string.Join(' ', arguments)} ended with {result.ExitCode}: {result.Error}{result.Output}");
        return result;
    }
}
