using Amazon.S3;
using Microsoft.Extensions.Logging;

namespace StellaOps.Telemetry.Archive.Objects.S3;

/// <summary>Runs requests: each attempt within its time, as many attempts as the options say, with growing waits of random length between.</summary>
internal sealed partial class S3Requests(IAmazonS3 client, S3Options options, S3Connections connections, S3Credentials credentials, TimeProvider time, ILogger logger)
{
    /// <summary>Runs one request to its answer.</summary>
    /// <param name="what">The request, as S3 names it.</param>
    /// <param name="key">What it is about, for messages.</param>
    /// <param name="isAnswer">Codes of failures that the caller wants to see as they are.</param>
    /// <exception cref="S3StoreException">It failed.</exception>
    public async Task<T> RunAsync<T>(string what, string key, Func<IAmazonS3, CancellationToken, Task<T>> request, Func<string, bool> isAnswer, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var version = credentials.Version;
            using var timeout = new CancellationTokenSource(options.RequestTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            try
            {
                return await request(client, either.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && S3Failure.Of(e) is { } failure)
            {
                if (isAnswer(failure.Code))
                {
                    throw new S3AnswerException(failure.Code, attempt, e);
                }

                if (connections.IsRefused(e))
                {
                    throw new S3StoreException($"{what} of '{key}' at {options.Location} was not sent: {e.GetBaseException().Message}", e);
                }

                // Who holds new credentials by now was refused for the old ones.
                var isWorthwhile = failure.IsTransient || (failure.IsOfCredentials && credentials.IsOtherThan(version));
                if (!isWorthwhile || attempt >= options.MaxAttempts)
                {
                    throw new S3StoreException(Message(what, key, attempt, failure), e);
                }

                Retried(what, key, attempt, failure.Code);
            }

            await Task.Delay(WaitAfter(attempt), time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The same, when no failure is an answer.</summary>
    public Task<T> RunAsync<T>(string what, string key, Func<IAmazonS3, CancellationToken, Task<T>> request, CancellationToken cancellationToken) =>
        RunAsync(what, key, request, _ => false, cancellationToken);

    /// <summary>The wait after the n-th attempt: doubled each time, and shortened by up to half, so that many do not come back at one moment.</summary>
    public TimeSpan WaitAfter(int attempt)
    {
        var wait = Math.Min(options.MaxDelay.Ticks, options.FirstDelay.Ticks * Math.Pow(2, Math.Min(attempt - 1, 30)));
        return TimeSpan.FromTicks((long)(wait * (1 - (Random.Shared.NextDouble() / 2))));
    }

    private string Message(string what, string key, int attempts, S3Failure failure)
    {
        var tries = attempts == 1 ? "" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $" after {attempts} attempts");
        return $"{what} of '{key}' at {options.Location} failed{tries}: {failure.Code}{HelpFor(failure, what)}";
    }

    private static string HelpFor(S3Failure failure, string what) => failure.Code switch
    {
        "AccessDenied" or "403" => $"; the credentials of {Contracts.KnownEnvironment.ArchiveS3}AccessKeyFile may not do that: docs/archive.md lists the permissions {what} needs",
        "NoSuchBucket" => $"; make the bucket, or mend {Contracts.KnownEnvironment.ArchiveS3}Bucket",
        _ when failure.IsOfCredentials => $"; mend the files of {Contracts.KnownEnvironment.ArchiveS3}AccessKeyFile and SecretKeyFile: they are followed",
        _ => "",
    };

    [LoggerMessage(S3EventIds.Retried, LogLevel.Debug, "{What} of '{Key}' is tried again after attempt {Attempt}: {Reason}")]
    private partial void Retried(string what, string key, int attempt, string reason);
}

/// <summary>A failure that is an answer to its caller.</summary>
internal sealed class S3AnswerException(string code, int attempts, Exception inner) : Exception(code, inner)
{
    public string Code { get; } = code;

    /// <summary>How many attempts it took to hear it: after the first, an earlier one may have done what was asked.</summary>
    public int Attempts { get; } = attempts;
}
