using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Sampling;

namespace StellaOps.Telemetry.IncidentSampling.Following;

/// <summary>One long poll after another; each tells how long to wait before the next.</summary>
internal sealed class StrategyPoll(HttpClient client, FollowerTarget target, HeadRate rate, TimeProvider time)
{
    private const int MaxAnswerBytes = 4 * 1024;

    // Above the gateway's wait, so that it is the gateway who ends it while it is there.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(KnownSamplingRoutes.MaxWaitSeconds + 10);

    // What is answered sooner, without anything new, was no long poll.
    private static readonly TimeSpan s_shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_firstBackoff = TimeSpan.FromMilliseconds(100);

    // An incident that opens while a gateway comes back is heard this late at most.
    private static readonly TimeSpan s_longestBackoff = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_longestRefusal = TimeSpan.FromMinutes(1);

    private TimeSpan _backoff = s_firstBackoff;
    private EntityTagHeaderValue? _known;

    /// <summary>Throws only when it is cancelled.</summary>
    public async Task<TimeSpan> OnceAsync(CancellationToken cancellationToken)
    {
        var from = time.GetTimestamp();
        using var patience = new CancellationTokenSource(s_patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            using var request = NewRequest();
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            switch (response.StatusCode)
            {
                case HttpStatusCode.NotModified:
                    _backoff = s_firstBackoff;
                    return time.GetElapsedTime(from) < s_shortest ? Jittered(s_shortest) : TimeSpan.Zero;
                case HttpStatusCode.OK:
                    return await TakeAsync(response, either.Token).ConfigureAwait(false);
                default:
                    IncidentSamplingEventSource.Log.Refused((int)response.StatusCode);
                    return AfterRefusal(response);
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever a handler of the application's own may throw as well.
            IncidentSamplingEventSource.Log.Unreachable(e.Message);
            return NextBackoff(s_longestBackoff);
        }
    }

    private HttpRequestMessage NewRequest()
    {
        var request = new HttpRequestMessage(HttpMethod.Get, target.Url);
        foreach (var (name, value) in target.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (_known is not null)
        {
            request.Headers.IfNoneMatch.Add(_known);
        }

        return request;
    }

    private async Task<TimeSpan> TakeAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var answer = await ReadAsync(response.Content, cancellationToken).ConfigureAwait(false);
        if (answer is not { SamplingRate: >= 0 and <= 1, BaseRate: >= 0 and <= 1 })
        {
            IncidentSamplingEventSource.Log.Unreadable();
            return NextBackoff(s_longestRefusal);
        }

        rate.Apply(answer, response.Headers.Date ?? time.GetUtcNow());
        IncidentSamplingEventSource.Log.Changed(answer.SamplingRate, answer.IncidentId ?? "");
        var isNew = response.Headers.ETag is { } tag && !tag.Equals(_known);
        _known = response.Headers.ETag;
        _backoff = s_firstBackoff;
        return isNew ? TimeSpan.Zero : Jittered(s_shortest);
    }

    /// <summary>No more is read than an answer can have.</summary>
    private static async Task<HeadSamplingResponse?> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(MaxAnswerBytes);
        try
        {
            var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            var length = await stream.ReadAtLeastAsync(buffer.AsMemory(0, MaxAnswerBytes), MaxAnswerBytes, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            return length == MaxAnswerBytes ? null : JsonSerializer.Deserialize(buffer.AsSpan(0, length), ContractsJson.Default.HeadSamplingResponse);
        }
        catch (JsonException)
        {
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private TimeSpan AfterRefusal(HttpResponseMessage response)
    {
        var isForNow = response.StatusCode is HttpStatusCode.TooManyRequests || (int)response.StatusCode >= 500;
        return isForNow && response.Headers.RetryAfter?.Delta is { } wait && wait < s_longestRefusal
            ? Jittered(wait > s_shortest ? wait : s_shortest)
            : NextBackoff(isForNow ? s_longestBackoff : s_longestRefusal);
    }

    private TimeSpan NextBackoff(TimeSpan longest)
    {
        var wait = _backoff;
        _backoff = _backoff * 2 < longest ? _backoff * 2 : longest;
        return Jittered(wait);
    }

    /// <summary>Up to as much again: those who lost one gateway together shall not come to the next together.</summary>
    private static TimeSpan Jittered(TimeSpan wait) => wait * (1 + Random.Shared.NextDouble());
}
