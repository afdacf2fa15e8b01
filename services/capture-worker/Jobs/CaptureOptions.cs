using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.CaptureWorker.Jobs;

/// <summary>Section <c>Stella:Capture</c>.</summary>
internal sealed class CaptureOptions
{
    public const string Section = "Stella:Capture";

    /// <summary>The environment variable of an option, for messages.</summary>
    public static string KeyOf(string option) => $"{Section.Replace(":", "__", StringComparison.Ordinal)}__{option}";

    /// <summary>Folder of finished bundles, one folder per job (<see cref="KnownEnvironment.CaptureBundlePath"/>).</summary>
    public string BundlePath { get; set; } = "";

    /// <summary>This worker's name in leases; unique among running workers.</summary>
    public string WorkerName { get; set; } = $"{Environment.MachineName}-{Environment.ProcessId}";

    /// <summary>How long a job stays this worker's without a sign of life. Another one takes it up afterwards.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How often an idle worker looks for jobs.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long gateways have to copy a window to the archive; who needs longer is a named gap.</summary>
    public TimeSpan PromotionTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long after the window's end a job is taken up: covers clocks that are apart.</summary>
    public TimeSpan Settle { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Times that a job is taken up before it is given up.</summary>
    public int MaxAttempts { get; set; } = 5;

    /// <summary>Memory in which records are sorted before they are spilled to disk; there are two such blocks, one filled while the other one is spilled.</summary>
    public int SortBlockBytes { get; set; } = 48 * 1024 * 1024;

    /// <summary>The longest window that is captured in one bundle.</summary>
    public TimeSpan MaxWindow { get; set; } = TimeSpan.FromDays(31);

    /// <summary>The most that is sorted for one bundle: canonical frames, uncompressed, copies included. A request may name less.</summary>
    public long MaxContentBytes { get; set; } = 100_000_000_000;

    /// <summary>How long a capture may take once a worker took it up, over all attempts. A request may name less.</summary>
    public TimeSpan MaxDuration { get; set; } = TimeSpan.FromHours(4);

    /// <summary>Clients that may follow captures by events at the same time; more are told to come back.</summary>
    public int MaxEventClients { get; set; } = 100;

    /// <summary>How far ahead of now a window may end.</summary>
    public TimeSpan MaxAhead { get; set; } = TimeSpan.FromHours(24);
}
