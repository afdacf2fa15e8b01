namespace StellaOps.Telemetry.Tests.Shared.Processes;

/// <summary>Where the tests' own repository stands.</summary>
public static class Repository
{
    /// <summary>The folder that holds the solution, looked for upward from the test's binaries.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>An executable by name: on PATH, in the usual folders, or anywhere under <c>.tools</c>; null when there is none.</summary>
    public static string? FindExecutable(string name, params IEnumerable<string> usualFolders)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Concat(usualFolders);
        var found = folders.Select(f => Path.Combine(f, name)).FirstOrDefault(File.Exists);
        var tools = Path.Combine(Root, ".tools");
        return found ?? (Directory.Exists(tools)
            ? Directory.EnumerateFiles(tools, name, SearchOption.AllDirectories).Order(StringComparer.Ordinal).FirstOrDefault()
            : null);
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (folder.EnumerateFiles("*.sln").Any())
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"no solution above {AppContext.BaseDirectory}");
    }
}
