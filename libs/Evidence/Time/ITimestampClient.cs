namespace StellaOps.Telemetry.Evidence.Time;

/// <summary>Brings a question to a timestamp authority. This library has no network: whoever has one hands it in.</summary>
public interface ITimestampClient
{
    /// <summary>Asks once, or as often as the implementation bounds it.</summary>
    /// <param name="request">A TimeStampReq (DER).</param>
    /// <returns>The TimeStampResp as it came, at most <see cref="TimestampResponse.MaxBytes"/>.</returns>
    /// <exception cref="TimestampException">There is no answer.</exception>
    Task<byte[]> AskAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken);
}

/// <summary>There is no time that could be trusted.</summary>
public sealed class TimestampException(string message, Exception? inner = null) : IOException(message, inner);
