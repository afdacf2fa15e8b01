namespace StellaOps.Telemetry.CaptureWorker.Jobs;

/// <summary>Turns a job into a bundle.</summary>
internal interface ICaptureRunner
{
    /// <param name="report">Takes the phase and how far it is, 0 to 1.</param>
    /// <returns>What came of it, and the folder with the finished files.</returns>
    Task<(CaptureResult Result, string Folder)> RunAsync(CaptureJob job, Action<string, double> report, CancellationToken cancellationToken);
}
