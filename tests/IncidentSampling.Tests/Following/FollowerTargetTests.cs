using OpenTelemetry.Resources;
using StellaOps.Telemetry.IncidentSampling.Following;

namespace StellaOps.Telemetry.IncidentSampling.Tests.Following;

public sealed class FollowerTargetTests
{
    [Theory]
    [InlineData(null, "http://localhost:4318/v1/sampling?service=checkout&wait=30")]
    [InlineData("http://gateway:4317", "http://gateway:4318/v1/sampling?service=checkout&wait=30")]
    [InlineData("https://gateway.example:4318/", "https://gateway.example:4318/v1/sampling?service=checkout&wait=30")]
    [InlineData("https://gateway.example/otlp", "https://gateway.example/otlp/v1/sampling?service=checkout&wait=30")]
    [InlineData("http://gateway:9999?x=1", "http://gateway:9999/v1/sampling?service=checkout&wait=30")]
    public void Find_ByEnvironment_KnowsTheHttpListener(string? endpoint, string url) =>
        Assert.Equal(url, Find(new(), ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint))!.Url.AbsoluteUri);

    [Fact]
    public void Find_ServiceName_IsTheOptionsThenTheResourcesThenTheEnvironments()
    {
        Assert.Contains("service=option&", Find(new() { ServiceName = "option" }, ("OTEL_SERVICE_NAME", "environment"))!.Url.Query, StringComparison.Ordinal);
        Assert.Contains("service=checkout&", Find(new(), ("OTEL_SERVICE_NAME", "environment"))!.Url.Query, StringComparison.Ordinal);
        Assert.Contains(
            "service=environment&",
            FollowerTarget.Find(new(), n => n == "OTEL_SERVICE_NAME" ? "environment" : null, Resource.Empty, out _)!.Url.Query,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Find_Headers_AreReadAsExportersReadThem()
    {
        Assert.Equal(
            [new("authorization", "Bearer key=1,2"), new("x-a", "b")],
            Find(new(), ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20key=1%2C2, x-a = b ,nothing,=x"))!.Headers);
        Assert.Equal([new("own", "1")], Find(new() { Headers = "own=1" }, ("OTEL_EXPORTER_OTLP_HEADERS", "a=b"))!.Headers);
    }

    private static FollowerTarget? Find(IncidentSamplingOptions options, (string Name, string? Value) setting) => FollowerTarget.Find(
        options, n => n == setting.Name ? setting.Value : null, ResourceBuilder.CreateEmpty().AddService("checkout", autoGenerateServiceInstanceId: false).Build(), out _);
}
