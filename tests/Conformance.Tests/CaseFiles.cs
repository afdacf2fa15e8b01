using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.Conformance.Tests;

/// <summary>The case files of this folder (README.md says their format).</summary>
internal static class CaseFiles
{
    /// <summary>Paths of all case files of one kind, <c>cases/KIND/*.yaml</c>, in order.</summary>
    public static IReadOnlyList<string> Of(string kind) =>
        [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", "Conformance.Tests", "cases", kind), "*.yaml").Order(StringComparer.Ordinal)];
}
