using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Otlp;

namespace StellaOps.Telemetry.IngestGateway.Exporters;

/// <summary>The signal as the wire library names it.</summary>
internal static class SignalExtensions
{
    public static OtlpSignal ToOtlp(this Signal signal) => signal switch
    {
        Signal.Traces => OtlpSignal.Traces,
        Signal.Metrics => OtlpSignal.Metrics,
        _ => OtlpSignal.Logs,
    };
}
