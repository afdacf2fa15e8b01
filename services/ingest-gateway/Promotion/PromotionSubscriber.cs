using System.Text.Json;
using StackExchange.Redis;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Promotions;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.IngestGateway.Configuration;
using StellaOps.Telemetry.IngestGateway.Redis;

namespace StellaOps.Telemetry.IngestGateway.Promotion;

/// <summary>
/// Takes promotion requests from Redis, has each done once, and answers with a signed acknowledgement. An answer that Redis did not take is
/// offered again with the next re-read; one that a former life of this gateway gave is found in Redis and not repeated.
/// </summary>
internal sealed partial class PromotionSubscriber(
    IPromoter promoter,
    TrustStore trust,
    SigningKey identity,
    GatewayOptions options,
    RedisLink link,
    TimeProvider time,
    ILogger<PromotionSubscriber> logger) : RedisFollower(link, time, KnownRedis.Promotions, KnownRedis.PromotionChannel)
{
    /// <summary>How long an answer outlives its request.</summary>
    private static readonly TimeSpan s_keepAck = TimeSpan.FromHours(1);

    // Bounded by the requests that have not expired, each signed by the capture worker.
    private readonly Dictionary<string, Job> _jobs = new(StringComparer.Ordinal);

    protected override async Task HandleAsync(byte[] message, CancellationToken cancellationToken)
    {
        // The channel also carries "ack:<id>" for the workers.
        if (message[0] != (byte)'{')
        {
            return;
        }

        if (!trust.TryOpen(message, PromotionRequest.PayloadType, KnownKeyUses.Promotion, out var payload, out _))
        {
            Log.Refused(logger);
            return;
        }

        PromotionRequest? request;
        try
        {
            request = JsonSerializer.Deserialize(payload.Span, ContractsJson.Default.PromotionRequest);
        }
        catch (JsonException)
        {
            request = null;
        }

        if (request is not { Id.Length: > 0 and <= 128, Signals: not null, FromUnixNano: not null, ToUnixNano: not null })
        {
            Log.Refused(logger);
            return;
        }

        if (request.ExpiresAt <= Time.GetUtcNow() || _jobs.ContainsKey(request.Id) || await IsAnsweredAsync(request.Id, cancellationToken))
        {
            return;
        }

        Log.Taken(logger, request.Id, request.Tenant.Value);
        var job = new Job(request);
        _jobs[request.Id] = job;
        job.Task = Task.Run(() => RunAsync(job, cancellationToken), cancellationToken);
    }

    protected override async Task TickAsync(CancellationToken cancellationToken)
    {
        var now = Time.GetUtcNow();
        foreach (var job in _jobs.Values.ToList())
        {
            if (job is { Answer: not null, IsAnswered: false })
            {
                await AnswerAsync(job, cancellationToken);
            }

            if (job.Request.ExpiresAt <= now && job.Task.IsCompleted)
            {
                _jobs.Remove(job.Request.Id);
            }
        }
    }

    private async Task RunAsync(Job job, CancellationToken cancellationToken)
    {
        PromotionAck ack;
        try
        {
            ack = await promoter.PromoteAsync(job.Request, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever went wrong becomes a named gap of the capture; it must never be silence.
            Log.Failed(logger, job.Request.Id, e);
            ack = new PromotionAck(job.Request.Id, options.Id, $"promotion failed: {e.GetType().Name}", null, 0, [], [], "");
        }

        job.Answer = Dsse.Sign(PromotionAck.PayloadType, JsonSerializer.SerializeToUtf8Bytes(ack, ContractsJson.Default.PromotionAck), identity, withKeyId: true);
        await AnswerAsync(job, cancellationToken);
    }

    private async Task AnswerAsync(Job job, CancellationToken cancellationToken)
    {
        try
        {
            var database = (await Link.ConnectAsync(cancellationToken)).GetDatabase();
            var key = KnownRedis.PromotionAcks(job.Request.Id);
            await database.HashSetAsync(key, options.Id, job.Answer);
            await database.KeyExpireAsync(key, job.Request.ExpiresAt - Time.GetUtcNow() + s_keepAck);
            await database.PublishAsync(RedisChannel.Literal(KnownRedis.PromotionChannel), "ack:" + job.Request.Id);
            job.IsAnswered = true;
            Log.Answered(logger, job.Request.Id);
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            Link.Report(e);
        }
    }

    private async Task<bool> IsAnsweredAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            var redis = await Link.ConnectAsync(cancellationToken);
            return await redis.GetDatabase().HashExistsAsync(KnownRedis.PromotionAcks(id), options.Id);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            // Doing it twice is harmless: promotion is idempotent by id.
            return false;
        }
    }

    private sealed class Job(PromotionRequest request)
    {
        public PromotionRequest Request => request;

        public Task Task { get; set; } = Task.CompletedTask;

        public volatile byte[]? Answer;

        public volatile bool IsAnswered;
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.PromotionTaken, LogLevel.Information, "Promotion {Id} of tenant {Tenant} taken")]
        public static partial void Taken(ILogger logger, string id, string tenant);

        [LoggerMessage(EventIds.PromotionAnswered, LogLevel.Information, "Promotion {Id} answered")]
        public static partial void Answered(ILogger logger, string id);

        [LoggerMessage(EventIds.PromotionFailed, LogLevel.Error, "Promotion {Id} failed")]
        public static partial void Failed(ILogger logger, string id, Exception exception);

        [LoggerMessage(EventIds.PromotionRefused, LogLevel.Warning, "Promotion request refused: not signed by a capture worker, or malformed")]
        public static partial void Refused(ILogger logger);
    }
}
