namespace StellaOps.Telemetry.IngestGateway.Log;

/// <summary>A named gap: sequences that were logged and that the disk does not give back.</summary>
/// <param name="File">The file that held them.</param>
internal readonly record struct LogDamage(string File, ulong First, ulong Last)
{
    public ulong Count => Last - First + 1;
}
