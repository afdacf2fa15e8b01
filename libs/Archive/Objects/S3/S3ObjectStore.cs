using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;
using Microsoft.Extensions.Logging;

namespace StellaOps.Telemetry.Archive.Objects.S3;

/// <summary>
/// Objects in a bucket of an S3 server. Every request is tried again within bounds; a put is durable once the server said so. Safe for many
/// callers at once. Failures are <see cref="IOException"/>s that say where, what and how to mend it.
/// </summary>
public sealed partial class S3ObjectStore : IObjectStore, IDisposable
{
    private const int MaxUploads = 3;

    private readonly S3Options _options;
    private readonly string _prefix;
    private readonly AmazonS3Client _client;
    private readonly S3Requests _requests;
    private readonly S3Uploads _uploads;
    private readonly S3AbandonedUploads _abandoned;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <summary>Opens the store. No connection is made and no request sent before the first call.</summary>
    /// <param name="options">Without faults.</param>
    /// <param name="logger">Takes events 1380 to 1389.</param>
    /// <exception cref="IOException">The credentials' or the authorities' files cannot be used.</exception>
    public S3ObjectStore(S3Options options, S3Connections connections, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(connections);
        (_options, _time, _logger) = (options, time, logger);
        _prefix = string.IsNullOrEmpty(options.Prefix) ? "" : options.Prefix.Trim('/') + "/";
        var credentials = new S3Credentials(new S3CredentialFiles(options.AccessKeyFile!, options.SecretKeyFile!, options.SessionTokenFile), logger);
        _client = S3ClientFactory.Create(options, connections, credentials);
        _requests = new S3Requests(_client, options, connections, credentials, time, logger);
        _uploads = new S3Uploads(options, _requests);
        _abandoned = new S3AbandonedUploads(options, _prefix, _requests, _uploads, time, logger);
    }

    /// <inheritdoc/>
    public async Task PutAsync(string key, Stream content, CancellationToken cancellationToken)
    {
        ObjectKey.ThrowIfInvalid(key);
        ArgumentNullException.ThrowIfNull(content);
        var start = content.CanSeek ? content.Position : -1;
        for (var upload = 1; ; upload++)
        {
            try
            {
                await _uploads.PutAsync(_prefix + key, content, cancellationToken).ConfigureAwait(false);
                break;
            }
            catch (S3UploadLostException e) when (start >= 0 && upload < MaxUploads)
            {
                // The object may be there already, and then is put again: that costs less than to be wrong about it.
                BegunAgain(key, e.Message);
                content.Position = start;
            }
        }

        await _abandoned.AbortWhenDueAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<Stream> OpenReadAsync(string key, CancellationToken cancellationToken)
    {
        ObjectKey.ThrowIfInvalid(key);
        try
        {
            var answer = await GetAsync(key, null, null, cancellationToken).ConfigureAwait(false);
            return new S3ReadStream(key, _options, _requests, answer, (from, stop) => GetAsync(key, new ByteRange(from, answer.ContentLength - 1), answer.ETag, stop), _time, _logger);
        }
        catch (S3AnswerException e)
        {
            throw new ObjectNotFoundException(key, e);
        }
    }

    /// <inheritdoc/>
    public async Task<bool> ExistsAsync(string key, CancellationToken cancellationToken)
    {
        ObjectKey.ThrowIfInvalid(key);

        // Of the answers to HEAD none says whether it is the object or the bucket that is missing. Of all keys with the prefix, the key itself is first.
        var page = await _requests.RunAsync(
            "ListObjectsV2",
            key,
            (client, stop) => client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = _options.Bucket, Prefix = _prefix + key, MaxKeys = 1 }, stop),
            cancellationToken).ConfigureAwait(false);
        return page.S3Objects is [var first, ..] && first.Key == _prefix + key;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ObjectKey.ThrowIfInvalidPrefix(prefix);
        string? token = null, last = null;

        // Ends with the last page; each page has to bring something new.
        do
        {
            var page = await _requests.RunAsync(
                "ListObjectsV2",
                prefix,
                (client, stop) => client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = _options.Bucket, Prefix = _prefix + prefix, ContinuationToken = token }, stop),
                cancellationToken).ConfigureAwait(false);
            var before = last;
            string? previous = null;
            foreach (var found in page.S3Objects ?? [])
            {
                if (previous is not null && string.CompareOrdinal(found.Key, previous) <= 0)
                {
                    throw new S3StoreException($"{_options.Location} lists '{found.Key}' after '{previous}': a server that does not list in order cannot hold an archive");
                }

                previous = found.Key;
                if (last is not null && string.CompareOrdinal(found.Key, last) <= 0)
                {
                    continue;
                }

                last = found.Key;

                // Others may keep things beside ours that we could not have written.
                if (found.Key.Length > _prefix.Length && ObjectKey.IsValid(found.Key[_prefix.Length..]))
                {
                    yield return new ObjectInfo(found.Key[_prefix.Length..], found.Size ?? 0);
                }
            }

            token = page.IsTruncated == true ? page.NextContinuationToken : null;
            if (token is not null && last == before)
            {
                throw new S3StoreException($"{_options.Location} lists the same objects over and over after '{last}'");
            }
        }
        while (token is not null);
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        ObjectKey.ThrowIfInvalid(key);
        return _requests.RunAsync(
            "DeleteObject", key, (client, stop) => client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = _options.Bucket, Key = _prefix + key }, stop), cancellationToken);
    }

    /// <summary>Ends its connections.</summary>
    public void Dispose() => _client.Dispose();

    private Task<GetObjectResponse> GetAsync(string key, ByteRange? range, string? etag, CancellationToken cancellationToken) => _requests.RunAsync(
        "GetObject",
        key,
        (client, stop) => client.GetObjectAsync(
            new GetObjectRequest
            {
                BucketName = _options.Bucket,
                Key = _prefix + key,
                ByteRange = range,
                EtagToMatch = etag,
                ChecksumMode = range is null && _options.Checksum != S3ChecksumKind.Md5 ? ChecksumMode.ENABLED : null,
            },
            stop),
        code => code is "NoSuchKey" or "PreconditionFailed",
        cancellationToken);

    [LoggerMessage(S3EventIds.UploadBegunAgain, LogLevel.Information, "the upload of '{Key}' begins again: {Reason}")]
    private partial void BegunAgain(string key, string reason);
}
