using System.Buffers;
using System.Text;
using StellaOps.Telemetry.Otlp.FuzzTests.Mutation;
using StellaOps.Telemetry.Tests.Shared.Otlp;

namespace StellaOps.Telemetry.Otlp.FuzzTests.Checks;

/// <summary>
/// OTLP/JSON against protobuf's JSON: a request written in any style is that request; of a changed text that both take, both make the
/// same; what we write is protobuf; nothing throws and nothing is written for a text that is refused.
/// </summary>
internal static class JsonCheck
{
    public static string Run(int seed)
    {
        var random = new Random(seed);
        var signal = Samples.Signal(random);
        var request = Samples.Request(signal, random, unknownFields: false);
        var json = JsonRestyler.Write(OracleJson.Write(request, enumsAsNumbers: random.Next(2) == 0), random);
        if (random.Next(2) == 0)
        {
            return Check(signal, ByteMutator.Change(Encoding.UTF8.GetBytes(json), random));
        }

        var output = new ArrayBufferWriter<byte>();
        Assert.True(OtlpJson.TryToProtobuf(signal, Encoding.UTF8.GetBytes(json), OtlpLimits.Default, output, out var error), error);
        Assert.Equal(request, Samples.Parse(signal, output.WrittenSpan));
        Assert.Equal(OtlpOutcome.Valid, OtlpRequestValidator.Validate(signal, output.WrittenSpan, OtlpLimits.Default, out _));
        return "styled";
    }

    public static string Check(OtlpSignal signal, byte[] json)
    {
        var output = new ArrayBufferWriter<byte>();
        if (!OtlpJson.TryToProtobuf(signal, json, OtlpLimits.Default, output, out var error))
        {
            Assert.NotEmpty(error);
            Assert.Equal(0, output.WrittenCount);
            return "refused";
        }

        var ours = Samples.Parse(signal, output.WrittenSpan);
        Assert.NotNull(ours);
        if (OracleJson.Read(signal, Encoding.UTF8.GetString(json)) is not { } theirs)
        {
            return "taken by us alone";
        }

        Assert.Equal(theirs, ours);
        return "taken by both";
    }
}
