using System.Security.Cryptography;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Notify.TestServices;

/// <summary>A document of targets with its secrets, in a folder of its own.</summary>
internal sealed class NotifyFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stella-notify-");

    public NotifyFolder()
    {
        Secret = $"whsec_{Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}";
        Write("secret", Secret);
    }

    /// <summary>Of webhooks, in the file <c>secret</c>.</summary>
    public string Secret { get; }

    public string File => PathOf("notify.yaml");

    /// <summary>What makes the service read it.</summary>
    public Dictionary<string, string> Settings => new()
    {
        [KnownEnvironment.NotifyFile] = File,
        ["Stella__Notify__LeaseMargin"] = "00:00:02",
    };

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    public void Write(string name, string content)
    {
        var next = PathOf(name) + ".next";
        System.IO.File.WriteAllText(next, content + "\n");
        System.IO.File.Move(next, PathOf(name), overwrite: true);
    }

    /// <summary>Writes the document.</summary>
    /// <param name="targets">Entries of the list, in one line each.</param>
    public void WriteTargets(params string[] targets) => Write(
        "notify.yaml",
        $"apiVersion: telemetry.stella-ops.org/v1\nkind: Notifications\nmetadata: {{ name: test }}\nspec:\n  targets:\n{string.Concat(targets.Select(t => $"    - {t}\n"))}");

    /// <summary>A webhook that is tried again quickly.</summary>
    public static string Hook(string name, string url, string more = "", string hook = "") =>
        $"{{ name: {name}, timeout: 10s, retry: {{ first: 50ms, max: 200ms, within: 2m }}, webhook: {{ url: '{url}', secret_files: [secret]{hook} }}{more} }}";

    public void Dispose() => _folder.Delete(recursive: true);
}
