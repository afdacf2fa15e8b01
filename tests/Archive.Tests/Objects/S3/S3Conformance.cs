using Microsoft.Extensions.Logging.Abstractions;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Objects.S3;
using StellaOps.Telemetry.Archive.Tests.TestServices;

namespace StellaOps.Telemetry.Archive.Tests.Objects.S3;

public abstract class S3Conformance(SharedS3 shared) : ObjectStoreConformance, IAsyncLifetime
{
    private S3ObjectStore _store = null!;

    protected abstract long? MultipartFrom { get; }

    protected override IObjectStore Store => _store;

    public async ValueTask InitializeAsync()
    {
        var options = SharedS3.Options(await shared.ServerAsync());
        options.MultipartFromBytes = MultipartFrom;
        _store = new S3ObjectStore(options, SharedS3.Connections(), TimeProvider.System, NullLogger.Instance);
    }

    public ValueTask DisposeAsync()
    {
        _store.Dispose();
        return ValueTask.CompletedTask;
    }
}
