using StellaOps.Telemetry.Profiles.Resolving;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.Profiles.Tests.TestServices;

/// <summary>Documents of the repository, with others over or beside them.</summary>
internal sealed class Documents : IProfileDocuments
{
    private readonly Dictionary<string, string> _own = new(StringComparer.Ordinal);

    /// <summary>The repository's folder of profiles.</summary>
    public static string Folder { get; } = Path.Combine(Repository.Root, "profiles");

    public string this[string path]
    {
        set => _own[path] = value;
    }

    public string? Read(string path)
    {
        var file = Path.Combine(Folder, path);
        return _own.GetValueOrDefault(path) ?? (File.Exists(file) ? File.ReadAllText(file) : null);
    }

    /// <summary>A profile that is the default one with this over it.</summary>
    /// <param name="spec">Below <c>spec:</c>, without indentation.</param>
    /// <param name="policy">Of a redaction policy named <c>mine</c>, below its <c>spec:</c>; null for none.</param>
    public static ProfileResolution Mine(string spec, string? policy = null)
    {
        var documents = new Documents { ["mine.yaml"] = Document("Profile", "mine", spec, "extends: default\n") };
        if (policy is not null)
        {
            documents["redaction/mine.yaml"] = Document("RedactionPolicy", "mine", policy, "");
        }

        return Valid(ProfileResolver.Resolve(documents, "mine", null));
    }

    /// <summary>A shipped profile.</summary>
    public static ProfileResolution Shipped(string name, string? overlay = null) => Valid(ProfileResolver.Resolve(new Documents(), name, overlay));

    private static string Document(string kind, string name, string spec, string head) =>
        $"apiVersion: telemetry.stella-ops.org/v1\nkind: {kind}\n{head}metadata: {{ name: {name} }}\nspec:\n  {spec.ReplaceLineEndings("\n  ")}\n";

    private static ProfileResolution Valid(ProfileResolution resolution)
    {
        Assert.Empty(resolution.Faults);
        Assert.True(resolution.IsValid);
        return resolution;
    }
}
