namespace StellaOps.Telemetry.IngestGateway.Log;

/// <summary>Somebody who still has to read the log: no file at or above <see cref="NeededFrom"/> is reused.</summary>
internal interface IRetentionHolder
{
    /// <summary>The lowest sequence still needed; never falls. Read under the log's lock: just a field.</summary>
    ulong NeededFrom { get; }
}
