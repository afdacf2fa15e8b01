namespace StellaOps.Telemetry.CaptureWorker.Reading;

/// <summary>A chunk of the window that the bundle holds nothing of: damaged, or gone.</summary>
/// <param name="Key">Of the segment, or of a manifest that cannot be read.</param>
/// <param name="Records">What its manifest counts; null when that cannot be read either.</param>
internal sealed record MissingChunk(string Key, string Reason, long? Records)
{
    /// <summary>The gap in words.</summary>
    public string Text => $"chunk {Key} is left out{(Records is { } n ? $", {n} records" : "")}: {Reason}";
}
