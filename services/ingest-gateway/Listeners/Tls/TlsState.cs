using System.Net.Security;

namespace StellaOps.Telemetry.IngestGateway.Listeners.Tls;

/// <summary>Holds the TLS material in force. A connection is made by what is in force then; who may stay connected, by what is in force now.</summary>
internal sealed class TlsState(TlsMaterial first, TimeProvider time)
{
    private TlsMaterial _current = first;
    private IReadOnlyList<string>? _refused;

    public TlsMaterial Current => Volatile.Read(ref _current);

    /// <summary>Why the files as they are now were not taken over; null when they are in force.</summary>
    public IReadOnlyList<string>? Refused => Volatile.Read(ref _refused);

    public TimeProvider Time => time;

    public SslServerAuthenticationOptions NewServerOptions() => Current.NewServerOptions(time);

    public void Swap(TlsMaterial next)
    {
        Volatile.Write(ref _current, next);
        Volatile.Write(ref _refused, null);
    }

    public void Refuse(IReadOnlyList<string> faults) => Volatile.Write(ref _refused, faults);
}
