using System.Text.Json;
using StellaOps.Telemetry.Evidence.Kits;

namespace StellaOps.Telemetry.Cli.Commands.Kits.Building;

/// <summary>What <c>eng/kit.sh stage</c> gathered for a kit: <c>stage.json</c>, the files in <c>tree/</c>, and in <c>sbom/</c> what tells their parts.</summary>
/// <param name="Date">Of the source's commit.</param>
internal sealed record KitStage(
    string Version, string Commit, DateTimeOffset Date, IReadOnlyList<string> Architectures, IReadOnlyList<KitComponent> Components, IReadOnlyList<KitAbsence> Absent)
{
    /// <summary>Where the kit's files are, by their paths in the kit.</summary>
    public const string Tree = "tree";

    /// <summary>Where <c>*.deps.json</c> of the programs, <c>nuspec/</c> of their packages and <c>npm/</c> of others are.</summary>
    public const string Parts = "sbom";

    private const string File = "stage.json";

    public static KitStage Read(string folder)
    {
        var path = Path.Combine(folder, File);
        try
        {
            return JsonSerializer.Deserialize(System.IO.File.ReadAllBytes(path), CliJson.Default.KitStage) ?? throw new JsonException("it is null");
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            throw new CliException(CliExitCodes.WrongUsage, $"'{folder}' is no staging folder of a kit: {e.Message}", "make one with 'eng/kit.sh stage FOLDER' in the repository, or leave --from out there", e);
        }
    }
}
