using StellaOps.Telemetry.Profiles.Loading;

namespace StellaOps.Telemetry.Profiles.Hooks;

/// <summary>Reads and judges a document of kind <c>Hooks</c> (docs/hooks.md).</summary>
public static class HooksLoader
{
    /// <summary>The one <c>kind</c>.</summary>
    public const string Kind = "Hooks";

    /// <summary>Loads a document.</summary>
    /// <param name="file">How faults name it; relative paths in it begin at its folder.</param>
    public static HooksLoadResult Load(TextReader text, string file)
    {
        var (document, faults) = KindReader.Load(text, file, Kind, Read);
        return new HooksLoadResult(document, faults);
    }

    private static HooksDocument Read(YamlSection spec, string folder)
    {
        var document = new HooksDocument(HookOrchestratorReader.Read(spec, folder), HookRuleReader.Read(spec));
        spec.Done();
        return document;
    }
}
