using System.Buffers;
using StellaOps.Telemetry.Archive.Frames;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Evidence.Bundles;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Otlp;

namespace StellaOps.Telemetry.Cli.Tests.TestServices;

/// <summary>A small signed bundle in a folder of its own.</summary>
internal sealed class TestBundle : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stella-bundle-");

    public const int Spans = 3;

    public string Folder => _folder.FullName;

    public string Archive => Path.Combine(Folder, "acme.tar.zst");

    public string KeyFile => Path.Combine(Folder, "evidence.pub");

    public static async Task<TestBundle> CreateAsync()
    {
        var bundle = new TestBundle();
        using var key = SigningKey.Create();
        await File.WriteAllTextAsync(bundle.KeyFile, key.Public.ToPem());
        var frames = new Dictionary<Signal, IAsyncEnumerable<ReadOnlyMemory<byte>>> { [Signal.Traces] = FramesAsync() };
        var written = await new BundleWriter(new OtlpFrameInspector(), Path.Combine(bundle.Folder, "spool")).WriteAsync(bundle.Folder, "acme", frames, CancellationToken.None);
        await BundleSigner.SignAsync(bundle.Folder, written, "{}"u8.ToArray(), key, CancellationToken.None);
        return bundle;
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> FramesAsync()
    {
        await Task.CompletedTask;
        for (byte i = 1; i <= Spans; i++)
        {
            yield return Frame(i);
        }
    }

    /// <summary>The canonical frame of resource_spans { scope_spans { span { trace_id, span_id, start_time_unix_nano } } }.</summary>
    private static byte[] Frame(byte number)
    {
        byte[] span = [0x0A, 16, .. Enumerable.Repeat(number, 16), 0x12, 8, .. Enumerable.Repeat(number, 8), 0x39, number, 0, 0, 0, 0, 0, 0, 0];
        byte[] scope = [0x12, (byte)span.Length, .. span];
        byte[] resource = [0x12, (byte)scope.Length, .. scope];
        byte[] request = [0x0A, (byte)resource.Length, .. resource];
        var reader = new RecordReader(OtlpSignal.Traces, request);
        Assert.True(reader.TryRead(out var record));
        var frame = new ArrayBufferWriter<byte>();
        CanonicalFrame.Write(record, frame);
        return frame.WrittenSpan.ToArray();
    }
}
