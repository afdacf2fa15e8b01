using StellaOps.Telemetry.AppHost.Plan;

namespace StellaOps.Telemetry.AppHost.Local.Processes;

/// <summary>
/// Finds what was built beside this program: in a checkout (<c>bin/&lt;project&gt;/&lt;configuration&gt;/</c> of the artifacts layout), or in an
/// Offline Kit (<c>&lt;architecture&gt;/apps/&lt;project&gt;/</c>), where every program finds the kit's own .NET by itself.
/// </summary>
internal static class BuiltAssembly
{
    private const string KitManifest = "kit.json";

    private static readonly DirectoryInfo s_own = new(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));

    /// <summary>How to start a resource's program with these arguments.</summary>
    /// <exception cref="LocalEngineException">It is not there.</exception>
    public static (string File, IReadOnlyList<string> Arguments) Command(Resource resource, params IReadOnlyList<string> arguments)
    {
        var name = "StellaOps.Telemetry." + resource.Project;
        if (KitRoot() is null)
        {
            return ("dotnet", [Existing(Path.Combine(s_own.Parent!.Parent!.FullName, name, s_own.Name, name + ".dll"), "build the solution"), .. arguments]);
        }

        return (Existing(Path.Combine(s_own.Parent!.FullName, resource.Project!, name), "import the kit again"), arguments);
    }

    /// <summary>The kit, or the checkout: the nearest folder above with the profiles in it.</summary>
    /// <exception cref="LocalEngineException">There is none.</exception>
    public static string Root()
    {
        for (var folder = s_own; folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "StellaOps.Telemetry.Aspire.sln")))
            {
                return folder.FullName;
            }
        }

        return KitRoot() ?? throw new LocalEngineException($"no checkout above {AppContext.BaseDirectory}, and no kit around it: run AppHost from its repository, or from an imported kit");
    }

    /// <summary>The folder of a kit's PostgreSQL programs; null in a checkout.</summary>
    public static string? KitPostgres() => KitRoot() is null ? null : Path.Combine(s_own.Parent!.Parent!.FullName, "postgres", "bin");

    private static string? KitRoot() => s_own.Parent is { Name: "apps", Parent.Parent: { } root } && File.Exists(Path.Combine(root.FullName, KitManifest)) ? root.FullName : null;

    private static string Existing(string path, string mend) => File.Exists(path) ? path : throw new LocalEngineException($"{path} is missing: {mend}");
}
