using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.Architecture.Tests;

/// <summary>The files of the checkout that are the repository's own, whether or not there is a git here to ask.</summary>
internal static class TrackedFiles
{
    private static readonly string[] s_notOurs = [".git", ".stella", ".tools", ".vs", ".idea", "artifacts", "node_modules", "bin", "obj"];

    /// <summary>Full paths of those whose names match one of the patterns.</summary>
    public static IEnumerable<string> All(params string[] patterns) => In(new DirectoryInfo(Repository.Root), patterns);

    private static IEnumerable<string> In(DirectoryInfo folder, string[] patterns) => patterns.SelectMany(p => folder.EnumerateFiles(p))
        .Where(f => f.LinkTarget is null && f.Name is not ("Aspire.props" or ".git") && f.Extension is not ".user")
        .Select(f => f.FullName)
        .Concat(folder.EnumerateDirectories().Where(d => d.LinkTarget is null && !s_notOurs.Contains(d.Name)).SelectMany(d => In(d, patterns)));
}
