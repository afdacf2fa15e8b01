namespace StellaOps.Telemetry.Cli.Commands.Profiles;

/// <summary>Finds profile documents: below <c>profiles/</c>, searched from the working directory upward, or by path.</summary>
internal static class ProfileFolder
{
    private const string Name = "profiles";

    /// <summary>All profiles, by name.</summary>
    public static IReadOnlyList<FoundProfile> List(CliHost host) =>
        [.. Directory.EnumerateFiles(Require(host), "*.yaml").Order(StringComparer.Ordinal).Select(f => new FoundProfile(f, IsNamed: true))];

    /// <summary>The profile that a name or path means.</summary>
    public static FoundProfile Find(CliHost host, string nameOrPath)
    {
        var path = Path.GetFullPath(nameOrPath, host.WorkingDirectory);
        if (File.Exists(path))
        {
            return new FoundProfile(path, IsNamed: false);
        }

        if (nameOrPath == Path.GetFileName(nameOrPath) && Path.Combine(Require(host), nameOrPath + ".yaml") is var named && File.Exists(named))
        {
            return new FoundProfile(named, IsNamed: true);
        }

        throw CliException.Usage($"there is no profile '{nameOrPath}'", "name one of 'stella telemetry profile list', or a file");
    }

    /// <summary>The redaction policy that a name or path means.</summary>
    public static string FindRedactionPolicy(CliHost host, string nameOrPath)
    {
        var path = Path.GetFullPath(nameOrPath, host.WorkingDirectory);
        if (File.Exists(path))
        {
            return path;
        }

        if (nameOrPath == Path.GetFileName(nameOrPath) && Path.Combine(Require(host), "redaction", nameOrPath + ".yaml") is var named && File.Exists(named))
        {
            return named;
        }

        throw CliException.Usage($"there is no redaction policy '{nameOrPath}'", "name one of profiles/redaction, or a file");
    }

    private static string Require(CliHost host)
    {
        for (var folder = new DirectoryInfo(host.WorkingDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, Name);
            if (Directory.Exists(candidate) && Directory.EnumerateFiles(candidate, "*.yaml").Any())
            {
                return candidate;
            }
        }

        throw CliException.Usage($"no folder '{Name}' with profiles from '{host.WorkingDirectory}' upward", "run this below the repository, or name a file");
    }
}
