using Npgsql;
using Microsoft.Extensions.Options;
using StellaOps.Telemetry.CaptureWorker.Jobs;
using StellaOps.Telemetry.ServiceDefaults.Audit;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.CaptureWorker.Api;

/// <summary>What the handlers of <see cref="CaptureApi"/> use.</summary>
internal sealed class CaptureServices(
    CaptureJobStore jobs, BundleFolder bundles, NpgsqlDataSource database, AuditLog audit, Idempotency idempotency, IOptions<CaptureOptions> options, TimeProvider time)
{
    public CaptureJobStore Jobs { get; } = jobs;

    public BundleFolder Bundles { get; } = bundles;

    public NpgsqlDataSource Database { get; } = database;

    public AuditLog Audit { get; } = audit;

    public Idempotency Idempotency { get; } = idempotency;

    public CaptureOptions Options { get; } = options.Value;

    public TimeProvider Time { get; } = time;
}
