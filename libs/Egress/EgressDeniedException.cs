namespace StellaOps.Telemetry.Egress;

/// <summary>A connection was not made, because the allowlist does not name where it was to go. Nothing was resolved or sent.</summary>
public sealed class EgressDeniedException : IOException
{
    /// <summary>Without a host.</summary>
    public EgressDeniedException()
        : this("")
    {
    }

    /// <param name="host">As the caller spelled it.</param>
    public EgressDeniedException(string host)
        : this(host, null)
    {
    }

    /// <param name="host">As the caller spelled it.</param>
    /// <param name="innerException">What led to it.</param>
    public EgressDeniedException(string host, Exception? innerException)
        : base($"sealed: the allowlist does not name {host}", innerException) => Host = host;

    /// <summary>Where the connection was to go.</summary>
    public string Host { get; }

    /// <summary>Finds the denial behind what a client made of it; null when there is none.</summary>
    public static EgressDeniedException? In(Exception? exception)
    {
        // Bounded by the depth of the chain.
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is EgressDeniedException denied)
            {
                return denied;
            }
        }

        return null;
    }
}
