using System.Buffers;
using StellaOps.Telemetry.Otlp;

namespace StellaOps.Telemetry.Redaction;

/// <summary>
/// Redacts OTLP Export requests by one policy. Safe to share between threads. A request on which no rule acts costs no allocation and no
/// copy; redacting what was redacted changes nothing.
/// </summary>
public sealed class Redactor
{
    [ThreadStatic]
    private static RedactionScratch? t_scratch;

    private readonly CompiledPolicy _policy;

    /// <summary>Uses the policy until the redactor is dropped.</summary>
    public Redactor(CompiledPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        _policy = policy;
    }

    /// <summary>The policy in force.</summary>
    public CompiledPolicy Policy => _policy;

    /// <summary>
    /// Redacts one Export request in protobuf. The output is written only when the outcome is <see cref="RedactionOutcome.Changed"/>;
    /// counters are raised only then.
    /// </summary>
    public RedactionOutcome Redact(OtlpSignal signal, string tenant, ReadOnlySpan<byte> request, IBufferWriter<byte> output, RedactionCounters counters)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(counters);
        if (signal is not (OtlpSignal.Traces or OtlpSignal.Metrics or OtlpSignal.Logs))
        {
            throw new ArgumentOutOfRangeException(nameof(signal), signal, "not an OTLP signal");
        }

        // Taken out while in use: should a writer call back into a redactor, it gets a scratch of its own.
        var scratch = t_scratch ?? new RedactionScratch();
        t_scratch = null;
        try
        {
            scratch.Begin(_policy);
            var walk = new RedactionWalk(_policy, scratch, tenant, request, signal == OtlpSignal.Metrics);
            if (!walk.Run(signal, out var delta))
            {
                return RedactionOutcome.Malformed;
            }

            if (scratch.EditCount == 0)
            {
                return RedactionOutcome.Unchanged;
            }

            scratch.Apply(request, output, request.Length + delta);
            counters.Add(scratch.Counts);
            return RedactionOutcome.Changed;
        }
        finally
        {
            scratch.End();
            t_scratch = scratch;
        }
    }
}
