namespace StellaOps.Telemetry.Tests.Shared.Processes;

/// <summary>Where the tests' own repository stands.</summary>
public static class Repository
{
    /// <summary>The folder that holds the solution, looked for upward from the test's binaries.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>An executable by name: on PATH or in the usual folders; null when there is none.</summary>
    public static string? FindExecutable(string name, params IEnumerable<string> usualFolders)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Concat(usualFolders);
        return folders.Select(f => Path.Combine(f, name)).FirstOrDefault(File.Exists);
    }

    /// <summary>The built assembly of one of our processes, in the same configuration as the tests. The test project references that project.</summary>
    public static string ServiceAssembly(string project)
    {
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var path = Path.Combine(Root, "artifacts", "bin", project, configuration, project + ".dll");
        return File.Exists(path) ? path : throw new FileNotFoundException($"build {project} first", path);
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
