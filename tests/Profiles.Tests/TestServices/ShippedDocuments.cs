using StellaOps.Telemetry.Profiles.Resolving;

namespace StellaOps.Telemetry.Profiles.Tests.TestServices;

/// <summary>The documents of the repository.</summary>
internal sealed class ShippedDocuments : IProfileDocuments
{
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "profiles");

    public string? Read(string path) => Path.Combine(Folder, path) is var file && File.Exists(file) ? File.ReadAllText(file) : null;
}
