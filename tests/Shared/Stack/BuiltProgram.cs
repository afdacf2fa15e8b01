namespace StellaOps.Telemetry.Tests.Shared.Stack;

/// <summary>Finds the programs that were built beside this one (artifacts layout: <c>artifacts/bin/&lt;project&gt;/&lt;configuration&gt;/</c>).</summary>
public static class BuiltProgram
{
    /// <summary>The path of a project's assembly in the configuration that this program was built in.</summary>
    /// <param name="project">The last part of the project's name: <c>Cli</c>, <c>IngestGateway</c>, <c>AppHost</c>.</param>
    /// <exception cref="FileNotFoundException">It was not built.</exception>
    public static string Find(string project)
    {
        var name = "StellaOps.Telemetry." + project;
        var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var path = Path.Combine(own.Parent!.Parent!.FullName, name, own.Name, name + ".dll");
        return File.Exists(path) ? path : throw new FileNotFoundException($"{name} is not built; run: dotnet build", path);
    }

    /// <summary>The root of the checkout: the nearest folder above this program with the solution in it.</summary>
    /// <exception cref="DirectoryNotFoundException">There is none.</exception>
    public static string RepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "StellaOps.Telemetry.Aspire.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"no StellaOps.Telemetry.Aspire.sln above {AppContext.BaseDirectory}");
    }
}
