namespace StellaOps.Telemetry.Profiles.Resolving;

/// <summary>
/// One virtual folder of documents, whoever reads it: <c>NAME.yaml</c> (profiles), <c>overlays/ENVIRONMENT/NAME.yaml</c> (what an environment
/// changes of a profile) and <c>redaction/NAME.yaml</c> (policies). Names are lawful ones: no path leaves the folder.
/// </summary>
public interface IProfileDocuments
{
    /// <summary>The document's text; null when there is none.</summary>
    string? Read(string path);
}

/// <summary>A document that was read.</summary>
/// <param name="Path">Within the virtual folder, with '/'.</param>
public sealed record ProfileDocument(string Path, string Text);
