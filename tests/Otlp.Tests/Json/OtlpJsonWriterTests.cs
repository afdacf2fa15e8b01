using System.Buffers;
using System.Text.Json;
using Google.Protobuf;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Tests.Shared.Otlp;

namespace StellaOps.Telemetry.Otlp.Tests.Json;

public sealed class OtlpJsonWriterTests
{
    [Theory]
    [InlineData(Signal.Traces)]
    [InlineData(Signal.Metrics)]
    [InlineData(Signal.Logs)]
    public void TryWrite_AnyRequest_ReadsBackAsTheSame(Signal signal)
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var message = RandomOtlp.Request(signal, seed);
            var json = new ArrayBufferWriter<byte>();
            using (var writer = new Utf8JsonWriter(json))
            {
                Assert.True(OtlpJsonWriter.TryWrite((OtlpSignal)signal, message.ToByteArray(), writer));
            }

            var back = new ArrayBufferWriter<byte>();
            Assert.True(OtlpJson.TryToProtobuf((OtlpSignal)signal, json.WrittenSpan, OtlpLimits.Default, back, out var error), error);
            Assert.Equal(message, message.Descriptor.Parser.ParseFrom(back.WrittenSpan));
        }
    }

    [Theory]
    [InlineData("0a05")]
    [InlineData("0a03120108")]
    public void TryWrite_NoRequest_IsFalse(string hex)
    {
        using var writer = new Utf8JsonWriter(new ArrayBufferWriter<byte>());
        Assert.False(OtlpJsonWriter.TryWrite(OtlpSignal.Traces, Convert.FromHexString(hex), writer));
    }
}
