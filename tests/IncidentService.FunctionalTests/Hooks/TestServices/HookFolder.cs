using System.Security.Cryptography;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Hooks.TestServices;

/// <summary>A document of hooks with its secrets, in a folder of its own.</summary>
internal sealed class HookFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stella-hooks-");

    public string Document => PathOf("hooks.yaml");

    /// <summary>What makes the service read it.</summary>
    public Dictionary<string, string> Settings => new() { [KnownEnvironment.HooksFile] = Document };

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    public void Write(string name, string content)
    {
        var next = PathOf(name) + ".next";
        File.WriteAllText(next, content + "\n");
        File.Move(next, PathOf(name), overwrite: true);
    }

    /// <summary>A new key in a file; returns its bytes.</summary>
    public byte[] WriteSecret(string name)
    {
        var key = RandomNumberGenerator.GetBytes(32);
        Write(name, $"whsec_{Convert.ToBase64String(key)}");
        return key;
    }

    /// <param name="rules">In one line each.</param>
    public void WriteRules(params string[] rules) => WriteDocument([], rules);

    /// <param name="orchestrators">In one line each.</param>
    public void WriteDocument(IReadOnlyList<string> orchestrators, IReadOnlyList<string> rules) => Write(
        "hooks.yaml",
        $"apiVersion: telemetry.stella-ops.org/v1\nkind: Hooks\nmetadata: {{ name: test }}\nspec:\n  orchestrators: [{string.Join(", ", orchestrators)}]\n  rules: [{string.Join(",\n    ", rules)}]");

    public void Dispose() => _folder.Delete(recursive: true);
}
