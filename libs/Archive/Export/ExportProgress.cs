using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.Archive.Export;

/// <summary>What an export has written so far.</summary>
public sealed class ExportProgress
{
    /// <summary>0 to 1, by hours of the window.</summary>
    public double Done { get; internal set; }

    /// <summary>Records written, each once.</summary>
    public SortedDictionary<Signal, long> Records { get; } = [];

    /// <summary>Requests that they are in.</summary>
    public long Requests { get; internal set; }

    /// <summary>Copies that were left out.</summary>
    public long Copies { get; internal set; }

    /// <summary>Segments and manifests that could not be read, in words: nothing of them was written.</summary>
    public List<string> Gaps { get; } = [];
}
