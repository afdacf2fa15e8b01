namespace StellaOps.Telemetry.CaptureWorker.Jobs;

/// <summary>A job that no further attempt can bring to a good end.</summary>
internal sealed class CaptureFailedException(string message, Exception? inner = null) : Exception(message, inner);
