using StellaOps.Telemetry.Profiles.Resolving;

namespace StellaOps.Telemetry.Profiles.Tests.TestServices;

/// <summary>A folder of documents in memory, with the policy that small profiles name.</summary>
internal sealed class MemoryDocuments : IProfileDocuments
{
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal) { ["redaction/baseline.yaml"] = ProfileTexts.Policy };

    public string this[string path]
    {
        set => _texts[path] = value;
    }

    /// <summary>Every path that was asked for, in order.</summary>
    public List<string> Asked { get; } = [];

    public string? Read(string path)
    {
        Asked.Add(path);
        return _texts.GetValueOrDefault(path);
    }

    /// <summary>A profile that inherits and says <paramref name="spec"/>, in flow style.</summary>
    public static string Child(string name, string parent, string spec) => $$"""
        apiVersion: telemetry.stella-ops.org/v1
        kind: Profile
        metadata: { name: {{name}} }
        extends: {{parent}}
        spec: {{spec}}
        """;

    public static string Overlay(string name, string spec) => $$"""
        apiVersion: telemetry.stella-ops.org/v1
        kind: ProfileOverlay
        metadata: { name: {{name}} }
        spec: {{spec}}
        """;
}
