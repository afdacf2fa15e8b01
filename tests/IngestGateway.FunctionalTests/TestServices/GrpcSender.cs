using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Compression;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;

/// <summary>A stock gRPC client that sends the bytes it is given as an Export request.</summary>
internal sealed class GrpcSender(Uri url, string? token) : IDisposable
{
    private readonly GrpcChannel _channel = GrpcChannel.ForAddress(url, new GrpcChannelOptions { CompressionProviders = [new GzipCompressionProvider(System.IO.Compression.CompressionLevel.Fastest), new ZstdProvider()] });

    public Task<byte[]> ExportAsync(Signal signal, byte[] request, string? compression = null, params (string Key, string Value)[] headers) =>
        CallAsync(Service(signal), "Export", request, compression, headers);

    public async Task<byte[]> CallAsync(string service, string method, byte[] request, string? compression = null, params (string Key, string Value)[] headers)
    {
        var marshaller = Marshallers.Create(bytes => bytes, bytes => bytes);
        var metadata = new Metadata();
        if (token is not null)
        {
            metadata.Add("authorization", "Bearer " + token);
        }

        if (compression is not null)
        {
            metadata.Add("grpc-internal-encoding-request", compression);
        }

        foreach (var (key, value) in headers)
        {
            metadata.Add(key, value);
        }

        using var call = _channel.CreateCallInvoker().AsyncUnaryCall(
            new Method<byte[], byte[]>(MethodType.Unary, service, method, marshaller, marshaller),
            null,
            new CallOptions(metadata, DateTime.MaxValue),
            request);
        return await call.ResponseAsync;
    }

    public async Task<RpcException> RefusedAsync(Signal signal, byte[] request, string? compression = null, params (string Key, string Value)[] headers) =>
        await Assert.ThrowsAsync<RpcException>(() => ExportAsync(signal, request, compression, headers));

    public void Dispose() => _channel.Dispose();

    private static string Service(Signal signal) => signal switch
    {
        Signal.Traces => "opentelemetry.proto.collector.trace.v1.TraceService",
        Signal.Metrics => "opentelemetry.proto.collector.metrics.v1.MetricsService",
        _ => "opentelemetry.proto.collector.logs.v1.LogsService",
    };

    private sealed class ZstdProvider : ICompressionProvider
    {
        public string EncodingName => "zstd";

        public Stream CreateCompressionStream(Stream stream, System.IO.Compression.CompressionLevel? compressionLevel) => new ZstdSharp.CompressionStream(stream, leaveOpen: true);

        public Stream CreateDecompressionStream(Stream stream) => new ZstdSharp.DecompressionStream(stream, leaveOpen: true);
    }
}
