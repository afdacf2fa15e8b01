namespace StellaOps.Telemetry.IncidentService.Hooks.Rules;

/// <summary>One look at the document and its secrets.</summary>
/// <param name="Fingerprint">Of everything that was read.</param>
/// <param name="Model">Null: there is no document, or it has faults.</param>
internal sealed record HooksReading(string Fingerprint, HooksModel? Model, IReadOnlyList<string> Faults);
