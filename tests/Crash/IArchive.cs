using StellaOps.Telemetry.Archive.Objects;

namespace StellaOps.Telemetry.Crash;

/// <summary>Where the gateway's archive lives, and how it is read at the end.</summary>
internal interface IArchive : IAsyncDisposable
{
    /// <summary>What the gateway is told of it.</summary>
    IReadOnlyDictionary<string, string> Settings { get; }

    IObjectStore Store { get; }

    /// <summary>What was done to requests, for the report.</summary>
    string Struck { get; }

    /// <summary>No faults any more.</summary>
    void Heal();
}
