namespace StellaOps.Telemetry.Benchmarks.LoadGenerator.Wire;

/// <summary>A connection with one request in flight.</summary>
internal interface IExchange : IDisposable
{
    /// <summary>Sends, and waits for the answer.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The peer is gone.</exception>
    Answer Exchange(PreparedRequest request);
}
