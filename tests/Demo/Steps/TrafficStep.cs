using OpenTelemetry.Exporter;

namespace StellaOps.Telemetry.Demo.Steps;

/// <summary>Two tenants' services send traces, logs and metrics, full of personal data, through the OpenTelemetry SDK.</summary>
internal sealed class TrafficStep : IStoryStep
{
    private const int Requests = 1000;
    private const int ErrorEvery = 20;

    public string Name => "traffic";

    public Task<string> RunAsync(StoryContext context, CancellationToken cancellationToken)
    {
        context.TrafficStartedAt = TimeProvider.System.GetUtcNow();
        using var acme = context.Acme.Sender.StartWorkload("shop", OtlpExportProtocol.Grpc);
        using var globex = context.Globex.Sender.StartWorkload("shop", OtlpExportProtocol.HttpProtobuf);
        context.Acme.SteadyTraces = acme.Serve(Requests, ErrorEvery);
        context.Globex.SteadyTraces = globex.Serve(Requests, ErrorEvery);
        acme.FlushAll();
        globex.FlushAll();
        var spans = context.Acme.Sender.AcknowledgedSpans + context.Globex.Sender.AcknowledgedSpans;
        StoryException.ThrowUnless(spans == 2 * Requests * 3, $"{spans} of {2 * Requests * 3} spans were acknowledged");
        return Task.FromResult($"{spans:N0} spans of {2 * Requests:N0} traces acknowledged (acme by gRPC, globex by HTTP/protobuf), each trace with personal data in it, and logs and metrics beside them");
    }
}
