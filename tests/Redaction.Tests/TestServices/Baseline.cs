using System.Buffers;
using System.Text;
using StellaOps.Telemetry.Otlp;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.Redaction.Tests.TestServices;

/// <summary>The shipped policy, and short ways to use it.</summary>
internal static class Baseline
{
    public static RedactionSecrets Secrets { get; } = new(Encoding.ASCII.GetBytes("0123456789abcdef0123456789abcdef"));

    public static Redactor Redactor { get; } = new(CompiledPolicy.Compile(Load(), Secrets));

    public static RedactionPolicy Load()
    {
        using var reader = new StreamReader(Path.Combine(Repository.Root, "profiles", "redaction", "baseline.yaml"));
        return RedactionPolicyLoader.Load(reader);
    }

    public static (RedactionOutcome Outcome, byte[] Bytes, RedactionCounters Counters) Redact(OtlpSignal signal, byte[] request, string tenant = "acme", Redactor? redactor = null)
    {
        redactor ??= Redactor;
        var output = new ArrayBufferWriter<byte>();
        var counters = new RedactionCounters(redactor.Policy);
        var outcome = redactor.Redact(signal, tenant, request, output, counters);
        return (outcome, outcome == RedactionOutcome.Unchanged ? request : output.WrittenSpan.ToArray(), counters);
    }

    /// <summary>What becomes of one text as the name of a span.</summary>
    public static string Text(string text)
    {
        var (outcome, bytes, _) = Redact(OtlpSignal.Traces, Places.Record(Proto.Str(5, text)));
        Assert.NotEqual(RedactionOutcome.Malformed, outcome);
        var prefix = Places.Record(Proto.Str(5, "")).Length;
        var whole = Encoding.UTF8.GetString(bytes);
        return outcome == RedactionOutcome.Unchanged ? text : whole[prefix..];
    }
}
