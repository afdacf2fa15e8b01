namespace StellaOps.Telemetry.ProfileService.Versions;

/// <summary>Says loudly that somebody changed the database behind the service.</summary>
internal static partial class StoredBytesLog
{
    /// <summary>A key that is no longer trusted is lawful, and is not told.</summary>
    public static void Tell(ILogger logger, StoredBytesException exception)
    {
        if (exception.IsTampering)
        {
            Tampered(logger, exception.Message);
        }
    }

    [LoggerMessage(EventIds.StoredBytesChanged, LogLevel.Critical, "The database does not hold what was signed, so it is not given out: {What}")]
    private static partial void Tampered(ILogger logger, string what);
}
