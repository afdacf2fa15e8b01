using System.Net.Http.Headers;
using Google.Protobuf;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.Admission;

/// <summary>Fields of a later specification: without a policy they are logged as they came, with one only where no rule finds anything in them.</summary>
public sealed class PassThroughTests
{
    private const string Mail = "ada.lovelace@example.org";

    [Theory]
    [InlineData(Signal.Traces)]
    [InlineData(Signal.Metrics)]
    [InlineData(Signal.Logs)]
    public async Task Send_NoPolicy_LogsTheBytesThatWereSent(Signal signal)
    {
        await using var gateway = await GatewayUnderTest.StartNewAsync();
        using var grpc = gateway.Grpc(gateway.Writer("acme"));
        using var http = gateway.Otlp(gateway.Writer("acme"));
        List<byte[]> sent = [WithLaterFields(signal, Mail), .. Enumerable.Range(0, 8).Select(seed => RandomOtlp.Request(signal, seed, unknownFields: true).ToByteArray())];
        foreach (var request in sent)
        {
            await grpc.ExportAsync(signal, request);
            using var body = new ByteArrayContent(request) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-protobuf") } };
            using var answer = await http.PostAsync(new Uri($"/v1/{signal.ToString().ToLowerInvariant()}", UriKind.Relative), body);
            answer.EnsureSuccessStatusCode();
        }

        Assert.Equal(sent.SelectMany(r => new[] { r, r }), gateway.Log.Batches.Select(b => b.Payload));
    }

    [Theory]
    [InlineData(Signal.Traces)]
    [InlineData(Signal.Metrics)]
    [InlineData(Signal.Logs)]
    public async Task Send_Policy_DropsAndCountsLaterFieldsThatHoldPersonalData(Signal signal)
    {
        await using var gateway = await GatewayUnderTest.StartNewAsync(profile: TestProfiles.Redacting);
        using var counted = new MeasuredCount(gateway, "telemetry.redactions", "rule", "unknown_field");
        using var sender = gateway.Grpc(gateway.Writer("acme"));

        await sender.ExportAsync(signal, WithLaterFields(signal, "harmless"));
        await sender.ExportAsync(signal, WithLaterFields(signal, Mail));

        var logged = gateway.Log.Batches.Select(b => b.Payload).ToList();
        Assert.Equal(WithLaterFields(signal, "harmless"), logged[0]);
        Assert.Equal(-1, logged[1].AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(Mail)));
        Assert.Equal(OtlpBytes.Request(signal), logged[1]);
        Assert.Equal(2, counted.Count);
    }

    /// <summary>A request, and behind it the text as a field of a later specification, plain and within a message of that.</summary>
    private static byte[] WithLaterFields(Signal signal, string text)
    {
        var later = System.Text.Encoding.UTF8.GetBytes(text);
        return OtlpBytes.Message(OtlpBytes.Request(signal), OtlpBytes.Field(1000, later), OtlpBytes.Field(1001, OtlpBytes.Field(3, later)));
    }
}
