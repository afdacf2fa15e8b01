using System.Text;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;

namespace StellaOps.Telemetry.Otlp.Tests.Answers;

public sealed class OtlpAnswerTests
{
    [Theory]
    [InlineData(0, "slow down")]
    [InlineData(300, "")]
    [InlineData(7, "zu groß")]
    public void PartialSuccessProtobuf_IsWhatTheOracleReads(long rejected, string message)
    {
        var bytes = OtlpAnswer.PartialSuccessProtobuf(rejected, message);
        var response = ExportTraceServiceResponse.Parser.ParseFrom(bytes);
        Assert.Equal(new ExportTracePartialSuccess { RejectedSpans = rejected, ErrorMessage = message }, response.PartialSuccess);
        Assert.True(OtlpAnswer.TryReadPartialSuccess(bytes, out var count, out var text));
        Assert.Equal((rejected, message), (count, text));
    }

    [Fact]
    public void PartialSuccessJson_IsWhatTheOracleReads()
    {
        var json = Encoding.UTF8.GetString(OtlpAnswer.PartialSuccessJson(OtlpSignal.Metrics, 3, "too \"old\""));
        var response = Google.Protobuf.JsonParser.Default.Parse<ExportMetricsServiceResponse>(json);
        Assert.Equal(new ExportMetricsPartialSuccess { RejectedDataPoints = 3, ErrorMessage = "too \"old\"" }, response.PartialSuccess);
    }

    [Fact]
    public void Status_ByteForByte()
    {
        Assert.Equal("08031203626164", Convert.ToHexString(OtlpAnswer.StatusProtobuf(3, "bad")));
        Assert.Equal("{\"code\":3,\"message\":\"bad\"}", Encoding.UTF8.GetString(OtlpAnswer.StatusJson(3, "bad")));
    }
}
