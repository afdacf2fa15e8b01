using System.Buffers;
using System.Text;
using Google.Protobuf;
using StellaOps.Telemetry.Otlp.FuzzTests.Mutation;
using StellaOps.Telemetry.Redaction;
using StellaOps.Telemetry.Tests.Shared.Otlp;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.Otlp.FuzzTests.Checks;

/// <summary>
/// Redaction of what the validator takes: the result is such a request again, with as many records; redacting it again changes nothing;
/// and an address is gone wherever a request can hold one, fields of a later specification included.
/// </summary>
internal static class RedactionCheck
{
    private const string Mail = "ada.lovelace@example.com";

    private static readonly Redactor s_redactor = new(Compile());

    public static string Run(int seed)
    {
        var random = new Random(seed);
        var signal = Samples.Signal(random);
        var request = WireNode.Request(Samples.Request(signal, random, unknownFields: true).ToByteArray(), DescriptorOtlp.RequestOf(signal));
        var isExtended = random.Next(2) == 0;
        if (isExtended)
        {
            WireMutator.Extend(request, random, $"by {Mail}!");
        }
        else
        {
            WireMutator.Change(request, random);
        }

        return Check(signal, request.ToBytes(), isExtended);
    }

    public static string Check(OtlpSignal signal, byte[] bytes, bool isSearched)
    {
        if (OtlpRequestValidator.Validate(signal, bytes, OtlpLimits.Default, out var count) != OtlpOutcome.Valid)
        {
            return "refused";
        }

        var (outcome, redacted) = Redact(signal, bytes);
        Assert.NotEqual(RedactionOutcome.Malformed, outcome);
        Assert.NotNull(Samples.Parse(signal, redacted));
        Assert.Equal(OtlpOutcome.Valid, OtlpRequestValidator.Validate(signal, redacted, OtlpLimits.Default, out var left));
        Assert.Equal(count, left);
        Assert.Equal(RedactionOutcome.Unchanged, Redact(signal, redacted).Outcome);
        if (isSearched)
        {
            Assert.Equal(-1, redacted.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Mail)));
        }

        return outcome == RedactionOutcome.Changed ? "changed" : "unchanged";
    }

    private static (RedactionOutcome Outcome, byte[] Bytes) Redact(OtlpSignal signal, byte[] request)
    {
        var output = new ArrayBufferWriter<byte>();
        var outcome = s_redactor.Redact(signal, "acme", request, output, new RedactionCounters(s_redactor.Policy));
        return (outcome, outcome == RedactionOutcome.Changed ? output.WrittenSpan.ToArray() : request);
    }

    private static CompiledPolicy Compile()
    {
        using var reader = new StreamReader(Path.Combine(Repository.Root, "profiles", "redaction", "baseline.yaml"));
        return CompiledPolicy.Compile(RedactionPolicyLoader.Load(reader), new RedactionSecrets("0123456789abcdef0123456789abcdef"u8.ToArray()));
    }
}
