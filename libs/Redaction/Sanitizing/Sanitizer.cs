namespace StellaOps.Telemetry.Redaction.Sanitizing;

/// <summary>What rewrites a whole text, because of where it stands.</summary>
internal enum Sanitizer : byte
{
    None,
    Url,
    SpanName,
    Sql,
}
