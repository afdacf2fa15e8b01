using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Compression;
using StellaOps.Telemetry.Contracts;
using Xunit;

namespace StellaOps.Telemetry.Tests.Shared.Otlp;

/// <summary>A stock gRPC client that sends the bytes it is given as an Export request.</summary>
/// <param name="token">What it presents as bearer token; null: nothing.</param>
/// <param name="liesAboutCompression">Whether it only says that a message is compressed. It never compresses what it calls <c>snappy</c>.</param>
public sealed class GrpcSender(Uri url, string? token, bool liesAboutCompression = false) : IDisposable
{
    private readonly GrpcChannel _channel = GrpcChannel.ForAddress(url, new GrpcChannelOptions
    {
        CompressionProviders = liesAboutCompression
            ? [new NoProvider("gzip"), new NoProvider("zstd"), new NoProvider("snappy")]
            : [new GzipCompressionProvider(System.IO.Compression.CompressionLevel.Fastest), new ZstdProvider(), new NoProvider("snappy")],
    });

    /// <summary>Ends calls on their way as cancelled. A channel whose server is gone may otherwise wait for a connection for ever.</summary>
    public CancellationToken Ended { get; init; }

    /// <summary>Sends an Export request; the answer's bytes.</summary>
    public Task<byte[]> ExportAsync(Signal signal, byte[] request, string? compression = null, params (string Key, string Value)[] headers) =>
        CallAsync(Service(signal), "Export", request, compression, headers);

    /// <summary>Calls any method of any service.</summary>
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
            new CallOptions(metadata, DateTime.MaxValue, Ended),
            request);
        return await call.ResponseAsync;
    }

    /// <summary>Sends an Export request that has to be refused.</summary>
    public async Task<RpcException> RefusedAsync(Signal signal, byte[] request, string? compression = null, params (string Key, string Value)[] headers) =>
        await Assert.ThrowsAsync<RpcException>(() => ExportAsync(signal, request, compression, headers));

    /// <inheritdoc/>
    public void Dispose() => _channel.Dispose();

    private static string Service(Signal signal) => signal switch
    {
        Signal.Traces => "opentelemetry.proto.collector.trace.v1.TraceService",
        Signal.Metrics => "opentelemetry.proto.collector.metrics.v1.MetricsService",
        _ => "opentelemetry.proto.collector.logs.v1.LogsService",
    };

    private sealed class NoProvider(string name) : ICompressionProvider
    {
        public string EncodingName => name;

        public Stream CreateCompressionStream(Stream stream, System.IO.Compression.CompressionLevel? compressionLevel) => stream;

        public Stream CreateDecompressionStream(Stream stream) => stream;
    }

    private sealed class ZstdProvider : ICompressionProvider
    {
        public string EncodingName => "zstd";

        public Stream CreateCompressionStream(Stream stream, System.IO.Compression.CompressionLevel? compressionLevel) => new ZstdSharp.CompressionStream(stream, leaveOpen: true);

        public Stream CreateDecompressionStream(Stream stream) => new ZstdSharp.DecompressionStream(stream, leaveOpen: true);
    }
}
