namespace StellaOps.Telemetry.IncidentService.Evidence;

/// <summary>Something to ask of the capture worker.</summary>
/// <param name="Number">Counts those of one kind of an incident, from 1.</param>
/// <param name="DueAt">When it became necessary: a capture ends there.</param>
/// <param name="HoldId">The incident's hold, once it is made.</param>
internal sealed record EvidenceTask(string IncidentId, string Kind, int Number, DateTime DueAt, int Tries, string? HoldId)
{
    public const string Hold = "hold";
    public const string CaptureOnOpen = "capture-on-open";
    public const string CaptureEvery = "capture-every";
    public const string CaptureOnClose = "capture-on-close";
    public const string CloseHold = "close-hold";

    public DateTimeOffset Due => new(DueAt, TimeSpan.Zero);

    /// <summary>The same however often it is tried, so that the worker makes one thing of it.</summary>
    public string IdempotencyKey => $"{IncidentId}:{Kind}:{Number}";
}
