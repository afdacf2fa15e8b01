using OpenTelemetry.Exporter;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.EndToEnd.Tests;

/// <summary>One bundle that a running stack captured, with records of all signals.</summary>
public sealed class EvidenceBundle(SharedStack shared) : IAsyncLifetime
{
    private readonly string _scratch = Directory.CreateTempSubdirectory("stella-evidence-").FullName;
    private CapturedBundle? _bundle;
    private int _folders;

    /// <summary>It, as it was handed out.</summary>
    public CapturedBundle Bundle => _bundle ?? throw new InvalidOperationException("nothing is captured yet");

    public async ValueTask InitializeAsync()
    {
        var tenant = await shared.Stack.AddTenantAsync(SharedStack.NewTenantName("evidence"));
        await tenant.WaitUntilAcceptedAsync(TestContext.Current.CancellationToken);
        var from = TimeProvider.System.GetUtcNow();
        using (var workload = tenant.StartWorkload("shop", OtlpExportProtocol.Grpc))
        {
            workload.Serve(200, errorEvery: 20);
            workload.FlushAll();
        }

        _bundle = await shared.Stack.CaptureAsync(tenant.Name, from, TimeProvider.System.GetUtcNow(), NewFolder());
        Assert.Equal(600, _bundle.Records["traces"]);
        Assert.Empty(_bundle.Gaps);
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_scratch, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>The bundle in another folder, whole.</summary>
    public CapturedBundle Copy()
    {
        var folder = NewFolder();
        foreach (var path in Directory.EnumerateFiles(Bundle.Folder))
        {
            File.Copy(path, Path.Combine(folder, Path.GetFileName(path)));
        }

        return Bundle.In(folder);
    }

    /// <summary>The bundle in another folder, with one byte changed in one of its files.</summary>
    public CapturedBundle CopyWithOneByteChanged(BundlePiece piece)
    {
        var folder = NewFolder();
        Bundle.CopyWithOneByteChanged(folder, piece == BundlePiece.Provenance ? Bundle.Provenance : Bundle.Archives[0]);
        return Bundle.In(folder);
    }

    private string NewFolder() => Directory.CreateDirectory(Path.Combine(_scratch, $"{_folders++}")).FullName;
}

/// <summary>A file of a bundle that a test changes.</summary>
public enum BundlePiece
{
    /// <summary>The archive.</summary>
    Archive,

    /// <summary>The provenance.</summary>
    Provenance,
}
