using System.Threading.Channels;
using StackExchange.Redis;

namespace StellaOps.Telemetry.IngestGateway.Redis;

/// <summary>
/// Follows one hash and its channel: each message as it is published, and the whole hash at the start, after every reconnection and every
/// <see cref="s_reread"/>, since a channel forgets whoever was not listening. Messages are handled one after another.
/// </summary>
internal abstract class RedisFollower(RedisLink link, TimeProvider time, string hash, string channel) : BackgroundService
{
    private const int MaxMessageBytes = 1 << 20;

    private static readonly TimeSpan s_reread = TimeSpan.FromSeconds(2);

    // Bounded: what is dropped is in the hash, which the next re-read finds.
    private readonly Channel<byte[]?> _inbox = Channel.CreateBounded<byte[]?>(
        new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    protected RedisLink Link => link;

    protected TimeProvider Time => time;

    /// <summary>Takes one message; never throws for what is in it.</summary>
    protected abstract Task HandleAsync(byte[] message, CancellationToken cancellationToken);

    /// <summary>Called when all that has come in was handled.</summary>
    protected virtual Task SettleAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Called about every two seconds, Redis or not.</summary>
    protected abstract Task TickAsync(CancellationToken cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        link.Restored += Wake;
        try
        {
            ConnectionMultiplexer? subscribed = null;
            while (!stoppingToken.IsCancellationRequested)
            {
                if (link.IsConfigured)
                {
                    try
                    {
                        var redis = await link.ConnectAsync(stoppingToken);
                        if (!ReferenceEquals(redis, subscribed))
                        {
                            await redis.GetSubscriber().SubscribeAsync(RedisChannel.Literal(channel), OnMessage);
                            subscribed = redis;
                        }

                        foreach (var entry in await redis.GetDatabase().HashGetAllAsync(hash))
                        {
                            await TakeAsync((byte[]?)entry.Value, stoppingToken);
                        }

                        await SettleAsync(stoppingToken);
                        link.Report(null);
                    }
                    catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
                    {
                        link.Report(e);
                    }
                }

                await TickAsync(stoppingToken);
                await DrainAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped.
        }
        finally
        {
            link.Restored -= Wake;
        }
    }

    /// <summary>Handles published messages until the hash is due again.</summary>
    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        using var due = new CancellationTokenSource(s_reread, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(due.Token, cancellationToken);
        try
        {
            while (await _inbox.Reader.ReadAsync(either.Token) is { } message)
            {
                await TakeAsync(message, cancellationToken);
                while (_inbox.Reader.TryPeek(out var next) && next is not null && _inbox.Reader.TryRead(out next))
                {
                    await TakeAsync(next, cancellationToken);
                }

                await SettleAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Due.
        }
    }

    private Task TakeAsync(byte[]? message, CancellationToken cancellationToken) =>
        message is { Length: > 0 and <= MaxMessageBytes } ? HandleAsync(message, cancellationToken) : Task.CompletedTask;

    private void OnMessage(RedisChannel from, RedisValue message) => _inbox.Writer.TryWrite((byte[]?)message);

    private void Wake() => _inbox.Writer.TryWrite(null);
}
