using System.Buffers;
using System.Globalization;
using Amazon.S3;
using Amazon.S3.Model;

namespace StellaOps.Telemetry.Archive.Objects.S3;

/// <summary>
/// Puts one object: a small one by one request, a larger one in parts that become an object by the last request, or are aborted. Holds one
/// part in memory, so that an attempt can be repeated whatever the content is read from.
/// </summary>
internal sealed class S3Uploads(S3Options options, S3Requests requests)
{
    private const int MaxParts = 10_000;
    private const string NoSuchUpload = "NoSuchUpload";
    private static readonly TimeSpan s_abortTimeout = TimeSpan.FromSeconds(10);

    /// <exception cref="S3UploadLostException">The server does not know the upload any more, be it that it is complete.</exception>
    public async Task PutAsync(string key, Stream content, CancellationToken cancellationToken)
    {
        var part = options.PartBytes;
        var buffer = ArrayPool<byte>.Shared.Rent(content.CanSeek ? (int)Math.Clamp(content.Length - content.Position + 1, 1, part) : part);
        var limit = Math.Min(buffer.Length, part);
        try
        {
            var length = await content.ReadAtLeastAsync(buffer.AsMemory(0, limit), limit, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            if (length == 0 || (length < limit && length < (options.MultipartFromBytes ?? part)))
            {
                await PutWholeAsync(key, buffer, length, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await PutInPartsAsync(key, content, buffer, limit, length, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public Task AbortAsync(string key, string uploadId, CancellationToken cancellationToken) => requests.RunAsync(
        "AbortMultipartUpload",
        key,
        (client, stop) => client.AbortMultipartUploadAsync(new AbortMultipartUploadRequest { BucketName = options.Bucket, Key = key, UploadId = uploadId }, stop),
        code => code == NoSuchUpload,
        cancellationToken);

    private async Task PutWholeAsync(string key, byte[] buffer, int length, CancellationToken cancellationToken)
    {
        var checksum = S3Checksum.Of(options.Checksum, buffer.AsSpan(0, length));
        var answer = await requests.RunAsync(
            "PutObject",
            key,
            (client, stop) =>
            {
                var request = new PutObjectRequest
                {
                    BucketName = options.Bucket,
                    Key = key,
                    InputStream = new MemoryStream(buffer, 0, length, writable: false),
                    UseChunkEncoding = false,
                    ServerSideEncryptionMethod = S3Encryption.MethodOf(options),
                    ServerSideEncryptionKeyManagementServiceKeyId = S3Encryption.KeyIdOf(options),
                };
                S3Checksum.Give(request, options.Checksum, checksum);
                return client.PutObjectAsync(request, stop);
            },
            cancellationToken).ConfigureAwait(false);
        if (S3Encryption.FaultOf(options, answer.ServerSideEncryptionMethod) is { } fault)
        {
            await requests.RunAsync(
                "DeleteObject", key, (client, stop) => client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = options.Bucket, Key = key }, stop), cancellationToken).ConfigureAwait(false);
            throw new S3StoreException($"'{key}' at {options.Location} {fault}; it was deleted again");
        }
    }

    private async Task PutInPartsAsync(string key, Stream content, byte[] buffer, int partBytes, int length, CancellationToken cancellationToken)
    {
        var uploadId = await BeginAsync(key, partBytes, cancellationToken).ConfigureAwait(false);
        try
        {
            var parts = new List<PartETag>();
            do
            {
                if (parts.Count == MaxParts)
                {
                    throw new S3StoreException(string.Create(CultureInfo.InvariantCulture, $"'{key}' has more than {MaxParts} parts of {partBytes} bytes: raise {Contracts.KnownEnvironment.ArchiveS3}PartBytes"));
                }

                parts.Add(await PutPartAsync(key, uploadId, parts.Count + 1, buffer, length, cancellationToken).ConfigureAwait(false));
                length = length < partBytes
                    ? 0
                    : await content.ReadAtLeastAsync(buffer.AsMemory(0, partBytes), partBytes, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            }
            while (length > 0);

            await CompleteAsync(key, uploadId, parts, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await AbandonAsync(key, uploadId).ConfigureAwait(false);
            throw;
        }
    }

    private async Task<string> BeginAsync(string key, int partBytes, CancellationToken cancellationToken)
    {
        var answer = await requests.RunAsync(
            "CreateMultipartUpload",
            key,
            (client, stop) =>
            {
                var request = new InitiateMultipartUploadRequest
                {
                    BucketName = options.Bucket,
                    Key = key,
                    ChecksumAlgorithm = S3Checksum.AlgorithmOf(options.Checksum),
                    ServerSideEncryptionMethod = S3Encryption.MethodOf(options),
                    ServerSideEncryptionKeyManagementServiceKeyId = S3Encryption.KeyIdOf(options),
                };
                request.Metadata.Add(S3ContentCheck.PartBytesKey, partBytes.ToString(CultureInfo.InvariantCulture));
                return client.InitiateMultipartUploadAsync(request, stop);
            },
            cancellationToken).ConfigureAwait(false);
        if (S3Encryption.FaultOf(options, answer.ServerSideEncryptionMethod) is { } fault)
        {
            await AbandonAsync(key, answer.UploadId).ConfigureAwait(false);
            throw new S3StoreException($"'{key}' at {options.Location} {fault}; nothing of it was sent");
        }

        return answer.UploadId;
    }

    private async Task<PartETag> PutPartAsync(string key, string uploadId, int number, byte[] buffer, int length, CancellationToken cancellationToken)
    {
        var checksum = S3Checksum.Of(options.Checksum, buffer.AsSpan(0, length));
        var answer = await AskOfUploadAsync(
            "UploadPart",
            key,
            (client, stop) =>
            {
                var request = new UploadPartRequest
                {
                    BucketName = options.Bucket,
                    Key = key,
                    UploadId = uploadId,
                    PartNumber = number,
                    PartSize = length,
                    InputStream = new MemoryStream(buffer, 0, length, writable: false),
                    UseChunkEncoding = false,
                };
                S3Checksum.Give(request, options.Checksum, checksum);
                return client.UploadPartAsync(request, stop);
            },
            cancellationToken).ConfigureAwait(false);
        return S3Checksum.Part(options.Checksum, number, answer.ETag, checksum);
    }

    private Task CompleteAsync(string key, string uploadId, List<PartETag> parts, CancellationToken cancellationToken) => AskOfUploadAsync(
        "CompleteMultipartUpload",
        key,
        async (client, stop) =>
        {
            var answer = await client.CompleteMultipartUploadAsync(
                new CompleteMultipartUploadRequest { BucketName = options.Bucket, Key = key, UploadId = uploadId, PartETags = parts }, stop).ConfigureAwait(false);

            // The server answers 200 before it is done, and may still find that it cannot.
            return string.IsNullOrEmpty(answer.ETag) ? throw new IOException("the server did not say that the upload is complete") : answer;
        },
        cancellationToken);

    private async Task<T> AskOfUploadAsync<T>(string what, string key, Func<IAmazonS3, CancellationToken, Task<T>> request, CancellationToken cancellationToken)
    {
        try
        {
            return await requests.RunAsync(what, key, request, code => code == NoSuchUpload, cancellationToken).ConfigureAwait(false);
        }
        catch (S3AnswerException e)
        {
            throw new S3UploadLostException(what, e);
        }
    }

    /// <summary>As well as it can be done: what is left behind is aborted when it is old.</summary>
    private async Task AbandonAsync(string key, string uploadId)
    {
        using var patience = new CancellationTokenSource(s_abortTimeout);
        try
        {
            await AbortAsync(key, uploadId, patience.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is S3StoreException or S3AnswerException or OperationCanceledException)
        {
            // The failure that led here is the caller's.
        }
    }
}

/// <summary>The server does not know an upload any more: it is complete and only its answer was lost, or somebody aborted it.</summary>
internal sealed class S3UploadLostException(string what, Exception inner) : IOException($"{what}: the server does not know the upload", inner);
