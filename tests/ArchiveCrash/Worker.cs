using System.Globalization;
using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.Archive.Compaction;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Roots;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.ArchiveCrash;

/// <summary>Writes chunks, joins them and writes roots until it is killed; says which sequences are in the archive.</summary>
internal sealed class Worker(string folder, string keyFile, string trustFile)
{
    // 2026-03-01T10:30:00Z
    public const long AcceptedAt = 1_772_361_000_000_000_000;
    public const string GatewayId = "gw-1";

    // A life is short: what it does besides writing comes right after its first chunks, and again after each three.
    private const int Round = 3;

    public static readonly TenantId Tenant = TenantId.Parse("acme");
    public static readonly DateOnly Day = new(2026, 3, 1);

    private readonly FolderObjectStore _store = new(folder);
    private readonly SigningKey _key = SigningKey.Load(keyFile);
    private readonly TrustStore _trust = TrustStore.Load(trustFile);

    /// <param name="sequence">The first that nobody said is in the archive.</param>
    public async Task RunAsync(ulong sequence)
    {
        var spool = Path.Combine(folder, ".tmp");
        var compactor = new Compactor(_store, _trust, _key, new CompactionRules(1024 * 1024, 64 * 1024 * 1024, 2), spool, TimeProvider.System);
        for (var chunk = 1; chunk < 100_000; chunk++)
        {
            var frames = FramesFrom(sequence);
            await WriteAsync(spool, sequence, frames);
            await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"ack {sequence} {frames}"));
            sequence += (ulong)frames;
            if (chunk % Round == 1)
            {
                await compactor.RunAsync(Tenant, Signal.Logs, AcceptedAt, (_, e) => throw e, _ => Task.CompletedTask, CancellationToken.None);
            }

            if (chunk % Round == 2)
            {
                await new RootWriter(_store, _trust, _key, TimeProvider.System).RenewAsync(Tenant, null, [Day], e => throw e, _ => Task.CompletedTask, CancellationToken.None);
            }
        }
    }

    /// <summary>The same sequence always begins the same chunk, as a gateway's log gives the same frames again.</summary>
    private static int FramesFrom(ulong sequence) => 1 + (int)(sequence % 7);

    private async Task WriteAsync(string spool, ulong first, int frames)
    {
        using var writer = new SegmentWriter(Tenant, Signal.Logs, GatewayId, KnownTiers.Default, spool);
        for (var i = 0; i < frames; i++)
        {
            var sequence = first + (ulong)i;
            writer.Append(
                new Envelope
                {
                    GatewayId = GatewayId,
                    Sequence = sequence,
                    AcceptedAtUnixNano = AcceptedAt + (long)sequence,
                    Tenant = Tenant,
                    Signal = Signal.Logs,
                    ProfileHash = new byte[Envelope.ProfileHashLength],
                    RecordCount = 1,
                    BatchHash = new byte[Envelope.BatchHashLength],
                },
                OneLogRecord(sequence));
        }

        await writer.CompleteAsync(_store, CancellationToken.None);
    }

    /// <summary>resource_logs (1) { scope_logs (2) { log_records (2) { time_unix_nano (1, fixed64) } } }.</summary>
    private static byte[] OneLogRecord(ulong sequence)
    {
        byte[] record = [0x09, .. BitConverter.GetBytes(sequence + 1)];
        byte[] scope = [0x12, (byte)record.Length, .. record];
        byte[] resource = [0x12, (byte)scope.Length, .. scope];
        return [0x0A, (byte)resource.Length, .. resource];
    }
}
