using System.Text;
using StellaOps.Telemetry.IngestGateway.Storage;
using StellaOps.Telemetry.OpAmp;

namespace StellaOps.Telemetry.IngestGateway.Fleet;

/// <summary>The gateway's instance uid, kept on disk: the fleet knows a gateway by it across restarts.</summary>
internal sealed class FleetIdentity(AtomicFile file)
{
    /// <summary>The one that was kept, or a new one, which is kept from now on. A file that was damaged is as good as none.</summary>
    /// <exception cref="IOException">It can be neither read nor written.</exception>
    public InstanceUid ReadOrCreate(DateTimeOffset now)
    {
        if (file.TryRead() is { } kept && InstanceUid.TryParse(Encoding.ASCII.GetString(kept).Trim(), out var uid))
        {
            return uid;
        }

        var fresh = InstanceUid.New(now);
        Keep(fresh);
        return fresh;
    }

    /// <summary>Keeps another from now on.</summary>
    public void Keep(InstanceUid uid) => file.Write(Encoding.ASCII.GetBytes($"{uid}\n"));
}
