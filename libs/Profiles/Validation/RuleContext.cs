using StellaOps.Telemetry.Profiles.Loading;
using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.Profiles.Validation;

/// <summary>What a rule judges, and where it says what it found.</summary>
/// <param name="lineage">The profile's name first, then its parents'.</param>
/// <param name="spec">All documents merged.</param>
internal sealed class RuleContext(Profile profile, IReadOnlyList<string> lineage, DocumentNode spec, FaultList faults)
{
    public Profile Profile => profile;

    public IReadOnlyList<string> Lineage => lineage;

    /// <summary>A fault at <c>ingest.listeners.grpc</c> below <c>spec</c>, or as near to it as something stands.</summary>
    public void Refuse(string at, string problem, string fix) => faults.Add(DocumentPath.PlaceOf(spec, at), "spec." + at, problem, fix);

    /// <summary>The path of an exporter's key.</summary>
    public string PathOfExporter(string name, string key) =>
        DocumentPath.IndexOf(spec, "exporters", "name", name) is var index and >= 0 ? $"exporters[{index}].{key}" : "exporters";
}
