using System.Text.Json;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using StellaOps.Telemetry.CaptureWorker.Gateways;
using StellaOps.Telemetry.CaptureWorker.Jobs;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Promotions;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.ServiceDefaults.Redis;

namespace StellaOps.Telemetry.CaptureWorker.Promotion;

/// <summary>
/// Asks every gateway to copy a window to the archive and waits for its signed answer. Whoever does not answer in time, cannot do it, or whose
/// recorder no longer reaches back so far, becomes a named gap: a bundle never looks more complete than it is.
/// </summary>
internal sealed partial class PromotionClient(
    RedisConnection redis,
    GatewayRegistry gateways,
    SigningIdentity identity,
    IOptions<CaptureOptions> options,
    TimeProvider time,
    ILogger<PromotionClient> logger)
{
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_acksKept = TimeSpan.FromHours(1);

    /// <summary>Promotes a window. Who asks again by the same id, like a job taken over, finds the answers of the first attempt.</summary>
    public async Task<PromotionOutcome> PromoteAsync(PromotionWindow window, CancellationToken cancellationToken)
    {
        var deadline = time.GetUtcNow() + options.Value.PromotionTimeout;
        var acks = new Dictionary<string, PromotionAck>(StringComparer.Ordinal);
        var asked = false;
        IReadOnlyList<string> expected;
        do
        {
            try
            {
                await gateways.RememberAsync(cancellationToken);
                if (!asked)
                {
                    await AskAsync(window, deadline, cancellationToken);
                    asked = true;
                }

                await CollectAsync(window.Id, acks, cancellationToken);
                redis.Report(null);
            }
            catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
            {
                redis.Report(e);
                Log.RedisUnreachable(logger, window.Id, e.Message);
            }

            expected = await gateways.KnownSinceAsync(UnixNano.ToTime(window.FromUnixNano), cancellationToken);
            if (asked && expected.All(acks.ContainsKey))
            {
                break;
            }

            await Task.Delay(s_pollInterval, time, cancellationToken);
        }
        while (time.GetUtcNow() < deadline);

        await ForgetAsync(window.Id, cancellationToken);
        return new PromotionOutcome(acks, [.. expected.Where(g => !acks.ContainsKey(g))], [.. Gaps(window, expected, acks, asked)]);
    }

    private IEnumerable<string> Gaps(PromotionWindow window, IReadOnlyList<string> expected, Dictionary<string, PromotionAck> acks, bool asked)
    {
        if (!asked)
        {
            yield return "no gateway could be asked: Redis was unreachable; the bundle holds what the archive held already";
        }

        foreach (var gateway in expected.Where(g => !acks.ContainsKey(g)))
        {
            yield return $"gateway {gateway} did not answer within {options.Value.PromotionTimeout.TotalSeconds:0.#} s: the window's end is not settled there, and of its records the bundle holds only those archived before";
        }

        foreach (var ack in acks.Values.OrderBy(a => a.GatewayId, StringComparer.Ordinal))
        {
            if (ack.Failure is { } failure)
            {
                yield return $"gateway {ack.GatewayId} could not promote: {failure}";
            }
            else if (long.TryParse(ack.LogFromUnixNano, out var logFrom) && logFrom > window.FromUnixNano)
            {
                yield return $"gateway {ack.GatewayId}: its recorder reaches back to {UnixNano.ToTime(logFrom):yyyy-MM-ddTHH:mm:ss.fffffff}Z only; "
                    + "before that the bundle holds what was sampled or promoted earlier";
            }
        }
    }

    private async Task AskAsync(PromotionWindow window, DateTimeOffset deadline, CancellationToken cancellationToken)
    {
        var request = new PromotionRequest(
            window.Id,
            window.Tenant,
            SignalNames.All,
            UnixNano.ToText(window.FromUnixNano),
            UnixNano.ToText(window.ToUnixNano),
            time.GetUtcNow(),
            deadline);
        var json = JsonSerializer.SerializeToUtf8Bytes(request, ContractsJson.Default.PromotionRequest);
        RedisValue envelope = Dsse.Sign(PromotionRequest.PayloadType, json, identity.Key, withKeyId: true);
        var database = await redis.GetDatabaseAsync(cancellationToken);
        await database.HashSetAsync(KnownRedis.Promotions, window.Id, envelope);
        await database.PublishAsync(RedisChannel.Literal(KnownRedis.PromotionChannel), envelope);
    }

    private async Task CollectAsync(string id, Dictionary<string, PromotionAck> acks, CancellationToken cancellationToken)
    {
        foreach (var field in await (await redis.GetDatabaseAsync(cancellationToken)).HashGetAllAsync(KnownRedis.PromotionAcks(id)))
        {
            var gateway = field.Name.ToString();
            if (acks.ContainsKey(gateway))
            {
                continue;
            }

            if (TryOpen((byte[]?)field.Value, id, gateway) is { } ack)
            {
                acks.Add(gateway, ack);
            }
            else
            {
                Log.AckRefused(logger, gateway, id);
            }
        }
    }

    private PromotionAck? TryOpen(byte[]? envelope, string id, string gateway)
    {
        if (envelope is null || !identity.Trust.TryOpen(envelope, PromotionAck.PayloadType, KnownKeyUses.PromotionAck, out var payload, out _))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(payload.Span, ContractsJson.Default.PromotionAck) is { } ack && ack.PromotionId == id && ack.GatewayId == gateway ? ack : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task ForgetAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            var database = await redis.GetDatabaseAsync(cancellationToken);
            await database.HashDeleteAsync(KnownRedis.Promotions, id);
            await database.KeyExpireAsync(KnownRedis.PromotionAcks(id), s_acksKept);
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            // The request expires by itself: its envelope carries the time.
            Log.RedisUnreachable(logger, id, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.RedisUnreachable, LogLevel.Warning, "promotion {Id}: Redis cannot be reached: {Reason}")]
        public static partial void RedisUnreachable(ILogger logger, string id, string reason);

        [LoggerMessage(EventIds.AckRefused, LogLevel.Warning, "promotion {Id}: the answer of gateway {Gateway} is not signed by a trusted key, or not an answer to it")]
        public static partial void AckRefused(ILogger logger, string gateway, string id);
    }
}
