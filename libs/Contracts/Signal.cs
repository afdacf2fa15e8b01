using System.Text.Json.Serialization;

namespace StellaOps.Telemetry.Contracts;

/// <summary>The three OTLP signals. Numbers are part of the log and segment formats: never renumber.</summary>
public enum Signal : byte
{
    [JsonStringEnumMemberName("traces")]
    Traces = 1,

    [JsonStringEnumMemberName("metrics")]
    Metrics = 2,

    [JsonStringEnumMemberName("logs")]
    Logs = 3,
}

/// <summary>Names of signals as they stand in paths, labels and JSON.</summary>
public static class SignalNames
{
    /// <summary>All signals, in the order of their numbers.</summary>
    public static IReadOnlyList<Signal> All { get; } = [Signal.Traces, Signal.Metrics, Signal.Logs];

    /// <summary>The lower-case name: <c>traces</c>, <c>metrics</c>, <c>logs</c>.</summary>
    public static string ToName(this Signal signal) => signal switch
    {
        Signal.Traces => "traces",
        Signal.Metrics => "metrics",
        Signal.Logs => "logs",
        _ => throw new ArgumentOutOfRangeException(nameof(signal), signal, "not an OTLP signal"),
    };

    /// <summary>Reads a name written by <see cref="ToName"/>.</summary>
    public static bool TryParse(ReadOnlySpan<char> name, out Signal signal)
    {
        signal = name switch
        {
            "traces" => Signal.Traces,
            "metrics" => Signal.Metrics,
            "logs" => Signal.Logs,
            _ => default,
        };
        return signal != default;
    }
}
