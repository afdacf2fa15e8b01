using System.Diagnostics.Metrics;

namespace StellaOps.Telemetry.Egress;

/// <summary>Counts denials, by host for the first hosts, so that a bad one cannot make labels without end.</summary>
public sealed class EgressInstruments
{
    /// <summary>The meter.</summary>
    public const string MeterName = "StellaOps.Telemetry.Egress";

    private const int MaxHosts = 50;

    private readonly Counter<long> _denied;
    private readonly Lock _lock = new();

    // Bounded by MaxHosts.
    private readonly HashSet<string> _hosts = new(StringComparer.Ordinal);

    /// <summary>Makes the counter.</summary>
    public EgressInstruments(IMeterFactory factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        _denied = factory.Create(MeterName).CreateCounter<long>("telemetry.egress.denied", description: "Connections that sealed mode did not make, by host");
    }

    /// <summary>One was not made.</summary>
    public void OnDenied(string host)
    {
        bool isShown;
        lock (_lock)
        {
            isShown = _hosts.Contains(host) || (_hosts.Count < MaxHosts && _hosts.Add(host));
        }

        _denied.Add(1, new KeyValuePair<string, object?>("host", isShown ? host : "other"));
    }
}
