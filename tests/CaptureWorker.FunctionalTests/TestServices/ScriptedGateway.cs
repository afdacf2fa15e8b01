using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using StackExchange.Redis;
using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.Contracts.Promotions;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Tests.Shared.Auth;

namespace StellaOps.Telemetry.CaptureWorker.FunctionalTests.TestServices;

/// <summary>A gateway as the capture worker knows it: a heartbeat, a log in memory, and signed answers to promotions.</summary>
internal sealed class ScriptedGateway(string id, IConnectionMultiplexer redis, IObjectStore archive, TestIdentities identities, string spool) : IAsyncDisposable
{
    private readonly List<(Envelope Envelope, byte[] Payload)> _log = [];
    private readonly CancellationTokenSource _stop = new();
    private Task _answering = Task.CompletedTask;
    private ulong _sequence;

    /// <summary>What it answers instead of promoting; null: it promotes.</summary>
    public string? Failure { get; set; }

    /// <summary>Accepted-at of the first record still in its log; null: it has all.</summary>
    public long? LogFrom { get; set; }

    /// <summary>How far its clock is behind: so much later it is past a window's end, and answers.</summary>
    public TimeSpan Lag { get; set; }

    /// <summary>What its ledger counts beyond what its log holds, in every row.</summary>
    public long LedgerExcess { get; set; }

    /// <summary>Promotions it answered.</summary>
    public int Promotions { get; private set; }

    /// <summary>Records that they copied, in all.</summary>
    public long PromotedRecords { get; private set; }

    public Task HeartbeatAsync()
    {
        var now = TimeProvider.System.GetUtcNow();
        var json = JsonSerializer.Serialize(new GatewayHeartbeat(id, now, now, null, null), ContractsJson.Default.GatewayHeartbeat);
        return redis.GetDatabase().HashSetAsync(KnownRedis.Gateways, id, json);
    }

    /// <summary>Logs a batch.</summary>
    public Envelope Accept(TenantId tenant, Signal signal, byte[] payload, int records, long acceptedAt, string? mark = null)
    {
        var envelope = new Envelope
        {
            GatewayId = id,
            Sequence = ++_sequence,
            AcceptedAtUnixNano = acceptedAt,
            Tenant = tenant,
            Signal = signal,
            ProfileHash = new byte[Envelope.ProfileHashLength],
            RecordCount = records,
            BatchHash = XxHash128.Hash([.. Encoding.UTF8.GetBytes(mark ?? ""), .. payload]),
            ReplayMark = mark,
        };
        _log.Add((envelope, payload));
        return envelope;
    }

    /// <summary>Writes a batch, or the kept part of one, as the archive exporter would.</summary>
    public async Task ArchiveAsync(Envelope envelope, byte[] payload)
    {
        using var writer = new SegmentWriter(envelope.Tenant, envelope.Signal, id, KnownTiers.Default, spool);
        writer.Append(envelope, payload);
        await writer.CompleteAsync(archive, CancellationToken.None);
    }

    /// <summary>Begins to answer promotions.</summary>
    public void Answer() => _answering = AnswerAsync();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _answering.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AnswerAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            foreach (var field in await redis.GetDatabase().HashGetAllAsync(KnownRedis.Promotions))
            {
                if (identities.Trust.TryOpen((byte[])field.Value!, PromotionRequest.PayloadType, KnownKeyUses.Promotion, out var payload, out _)
                    && !await redis.GetDatabase().HashExistsAsync(KnownRedis.PromotionAcks(field.Name!), id))
                {
                    await AnswerAsync(JsonSerializer.Deserialize(payload.Span, ContractsJson.Default.PromotionRequest)!);
                }
            }

            await Task.Delay(20, _stop.Token);
        }
    }

    private async Task AnswerAsync(PromotionRequest request)
    {
        var (from, to) = (long.Parse(request.FromUnixNano), long.Parse(request.ToUnixNano));
        await Task.Delay(Lag, _stop.Token);
        var segments = new List<string>();
        var records = 0L;
        foreach (var group in _log.Where(e => e.Envelope.Tenant == request.Tenant && e.Envelope.AcceptedAtUnixNano >= from && e.Envelope.AcceptedAtUnixNano < to)
            .GroupBy(e => (e.Envelope.Signal, ArchiveLayout.HourOf(e.Envelope.AcceptedAtUnixNano))))
        {
            if (Failure is not null)
            {
                break;
            }

            using var writer = new SegmentWriter(request.Tenant, group.Key.Signal, id, KnownTiers.Promoted, spool);
            foreach (var (envelope, payload) in group)
            {
                writer.Append(envelope, payload);
                records += envelope.RecordCount;
            }

            segments.Add((await writer.CompleteAsync(archive, _stop.Token)).ManifestKey);
        }

        var rows = _log.Where(e => e.Envelope.Tenant == request.Tenant)
            .GroupBy(e => (e.Envelope.Signal, Minute: e.Envelope.AcceptedAtUnixNano / 60_000_000_000 * 60))
            .Select(g => new LedgerRow(g.Key.Minute, request.Tenant, g.Key.Signal, g.Sum(e => e.Envelope.RecordCount) + LedgerExcess, 0, 0, new Dictionary<string, long>(), g.Sum(e => e.Envelope.RecordCount) + LedgerExcess));
        var ack = new PromotionAck(request.Id, id, Failure, (LogFrom ?? from).ToString(), records, segments, [.. rows], new string('0', 64));
        var json = JsonSerializer.SerializeToUtf8Bytes(ack, ContractsJson.Default.PromotionAck);
        RedisValue envelopeOfAck = Dsse.Sign(PromotionAck.PayloadType, json, identities.Key(KnownServices.IngestGateway), withKeyId: true);
        Promotions++;
        PromotedRecords += records;
        await redis.GetDatabase().HashSetAsync(KnownRedis.PromotionAcks(request.Id), id, envelopeOfAck);
        await redis.GetSubscriber().PublishAsync(RedisChannel.Literal(KnownRedis.PromotionChannel), "ack:" + request.Id);
    }
}
