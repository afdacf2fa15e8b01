using StellaOps.Telemetry.Profiles.Validation;

namespace StellaOps.Telemetry.Profiles.Loading;

/// <summary>Reads a document that stands by itself and says no more of itself than its name. Who knows its kind reads the rest.</summary>
internal static class KindReader
{
    /// <summary>What <paramref name="read"/> makes of <c>spec</c> when there is no fault, else every fault that one pass finds.</summary>
    /// <param name="file">How faults name the document.</param>
    /// <param name="read">Is handed <c>spec</c>, and the folder at which relative paths begin.</param>
    public static (T? Result, IReadOnlyList<ProfileFault> Faults) Load<T>(TextReader text, string file, string kind, Func<YamlSection, string, T> read)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(file);
        var (faults, result) = (new FaultList(), (T?)null);
        if (DocumentHead.Root(ProfileLoader.ReadBounded(text), file, faults) is { } mapping)
        {
            var root = new YamlSection(faults, "", mapping);
            _ = DocumentHead.IsOf(root, kind);
            var metadata = root.Section("metadata");
            _ = DocumentHead.Name(metadata);
            metadata.Done();
            result = read(root.Section("spec"), Path.GetDirectoryName(file) ?? "");
            root.Done();
        }

        return (faults.IsEmpty ? result : null, faults.InOrder(file));
    }
}
