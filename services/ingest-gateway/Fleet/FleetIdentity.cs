using System.Text;
using StellaOps.Telemetry.IngestGateway.Storage;
using StellaOps.Telemetry.OpAmp;

namespace StellaOps.Telemetry.IngestGateway.Fleet;

/// <summary>The gateway's instance uid, kept on disk: the fleet knows a gateway by it across restarts.</summary>
internal sealed partial class FleetIdentity(AtomicFile file, ILogger<FleetIdentity> logger)
{
    /// <summary>The one that was kept, or a new one, which is kept from now on. A file that cannot be read is as good as none.</summary>
    public InstanceUid ReadOrCreate(DateTimeOffset now)
    {
        if (TryRead() is { } kept && InstanceUid.TryParse(Encoding.ASCII.GetString(kept).Trim(), out var uid))
        {
            return uid;
        }

        var fresh = InstanceUid.New(now);
        Keep(fresh);
        return fresh;
    }

    /// <summary>Keeps another from now on. Where the disk refuses, the gateway has it until it is restarted.</summary>
    public void Keep(InstanceUid uid)
    {
        try
        {
            file.Write(Encoding.ASCII.GetBytes($"{uid}\n"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNotKept(e);
        }
    }

    private byte[]? TryRead()
    {
        try
        {
            return file.TryRead();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNotKept(e);
            return null;
        }
    }

    [LoggerMessage(EventIds.FleetIdentityNotKept, LogLevel.Error, "the instance uid cannot be kept on disk: after a restart the fleet takes this gateway for another")]
    private partial void LogNotKept(Exception exception);
}
