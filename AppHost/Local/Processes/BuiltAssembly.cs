using StellaOps.Telemetry.AppHost.Plan;

namespace StellaOps.Telemetry.AppHost.Local.Processes;

/// <summary>Finds what was built beside this program (artifacts layout: <c>bin/&lt;project&gt;/&lt;configuration&gt;/</c>).</summary>
internal static class BuiltAssembly
{
    /// <exception cref="LocalEngineException">It was not built.</exception>
    public static string Find(Resource resource)
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var name = "StellaOps.Telemetry." + resource.Project;
        var path = Path.Combine(own.Parent!.Parent!.FullName, name, own.Name, name + ".dll");
        return File.Exists(path) ? path : throw new LocalEngineException($"{path} is missing: build the solution");
    }

    /// <summary>The checkout: the nearest folder above with the profiles in it.</summary>
    /// <exception cref="LocalEngineException">There is none.</exception>
    public static string RepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "StellaOps.Telemetry.Aspire.sln")))
            {
                return folder.FullName;
            }
        }

        throw new LocalEngineException($"no checkout above {AppContext.BaseDirectory}: run AppHost from its repository");
    }
}
