using Amazon.S3.Model;
using Microsoft.Extensions.Logging;

namespace StellaOps.Telemetry.Archive.Objects.S3;

/// <summary>
/// Aborts uploads in parts that a crash left: nobody sees them, but they cost what they hold. Looked for after the first object was put, and
/// then once a day.
/// </summary>
internal sealed partial class S3AbandonedUploads(S3Options options, string prefix, S3Requests requests, S3Uploads uploads, TimeProvider time, ILogger logger)
{
    private const int MaxPages = 100;
    private static readonly TimeSpan s_every = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_afterFailure = TimeSpan.FromHours(1);

    private long _nextTicks;

    /// <summary>Never fails: what could not be done is tried again in an hour.</summary>
    public async Task AbortWhenDueAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var next = Volatile.Read(ref _nextTicks);
        if (now.UtcTicks < next || Interlocked.CompareExchange(ref _nextTicks, (now + s_every).UtcTicks, next) != next)
        {
            return;
        }

        try
        {
            await AbortAsync(now - options.AbandonedAfter, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is S3StoreException or S3AnswerException)
        {
            Volatile.Write(ref _nextTicks, (now + s_afterFailure).UtcTicks);
            NotListed(e.Message);
        }
    }

    private async Task AbortAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        string? keyMarker = null, idMarker = null;
        for (var page = 0; page < MaxPages; page++)
        {
            var answer = await PageAsync(keyMarker, idMarker, cancellationToken).ConfigureAwait(false);
            if (answer is null)
            {
                return;
            }

            foreach (var upload in answer.MultipartUploads ?? [])
            {
                if (upload.Initiated is { } begun && new DateTimeOffset(begun.ToUniversalTime()) < before && upload.Key.StartsWith(prefix, StringComparison.Ordinal))
                {
                    await AbortAsync(upload, cancellationToken).ConfigureAwait(false);
                }
            }

            if (answer.IsTruncated != true)
            {
                return;
            }

            (keyMarker, idMarker) = (answer.NextKeyMarker, answer.NextUploadIdMarker);
        }
    }

    private async Task AbortAsync(MultipartUpload upload, CancellationToken cancellationToken)
    {
        try
        {
            await uploads.AbortAsync(upload.Key, upload.UploadId, cancellationToken).ConfigureAwait(false);
            Aborted(upload.Key, upload.UploadId);
        }
        catch (S3AnswerException)
        {
            // Somebody else did it.
        }
    }

    private async Task<ListMultipartUploadsResponse?> PageAsync(string? keyMarker, string? idMarker, CancellationToken cancellationToken)
    {
        try
        {
            return await requests.RunAsync(
                "ListMultipartUploads",
                prefix,
                (client, stop) => client.ListMultipartUploadsAsync(
                    new ListMultipartUploadsRequest { BucketName = options.Bucket, Prefix = prefix, KeyMarker = keyMarker, UploadIdMarker = idMarker }, stop),

                // What some servers say when there never was any.
                code => code is "NoSuchUpload",
                cancellationToken).ConfigureAwait(false);
        }
        catch (S3AnswerException)
        {
            return null;
        }
    }

    [LoggerMessage(S3EventIds.UploadAborted, LogLevel.Information, "aborted upload {UploadId} of '{Key}', which a crash left")]
    private partial void Aborted(string key, string uploadId);

    [LoggerMessage(S3EventIds.UploadsNotListed, LogLevel.Warning, "uploads that a crash may have left cannot be looked for, and stay: {Reason}")]
    private partial void NotListed(string reason);
}
