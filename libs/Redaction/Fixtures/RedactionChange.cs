namespace StellaOps.Telemetry.Redaction.Fixtures;

/// <summary>One place that a redaction changed.</summary>
/// <param name="Place">Where in OTLP/JSON, attributes by key: <c>resourceSpans[0].scopeSpans[0].spans[0].attributes{user}.value.stringValue</c>.</param>
/// <param name="Before">What stood there; null where nothing did.</param>
/// <param name="After">What stands there; null where it was taken away.</param>
public sealed record RedactionChange(string Place, string? Before, string? After);
