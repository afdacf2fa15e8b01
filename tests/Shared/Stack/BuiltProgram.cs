using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.Tests.Shared.Stack;

/// <summary>The programs that were built beside this one, by the last part of their project's name.</summary>
public static class BuiltProgram
{
    /// <summary>The path of a project's assembly in the configuration that this program was built in.</summary>
    /// <param name="project">The last part of the project's name: <c>Cli</c>, <c>IngestGateway</c>, <c>AppHost</c>.</param>
    /// <exception cref="FileNotFoundException">It was not built.</exception>
    public static string Find(string project) => Repository.ServiceAssembly("StellaOps.Telemetry." + project);
}
