using System.Globalization;
using Amazon.Runtime;
using Amazon.S3.Model;
using Microsoft.Extensions.Logging;
using StellaOps.Telemetry.Archive.Segments;

namespace StellaOps.Telemetry.Archive.Objects.S3;

/// <summary>
/// Reads an object as it was when it was opened. When its connection breaks or falls silent, the rest is asked for by range, under the
/// condition that the object is still the same one; what came is compared with the checksum that the server keeps. Asynchronous only.
/// </summary>
internal sealed partial class S3ReadStream : Stream
{
    private readonly string _key;
    private readonly S3Options _options;
    private readonly S3Requests _requests;
    private readonly Func<long, CancellationToken, Task<GetObjectResponse>> _openRest;
    private readonly S3ContentCheck? _check;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _etag;
    private GetObjectResponse _answer;
    private long _position;
    private int _failures;

    /// <param name="answer">Of the whole object.</param>
    /// <param name="openRest">Asks for the object from a position on, if it still is the one of that ETag.</param>
    public S3ReadStream(
        string key, S3Options options, S3Requests requests, GetObjectResponse answer, Func<long, CancellationToken, Task<GetObjectResponse>> openRest, TimeProvider time, ILogger logger)
    {
        (_key, _options, _requests, _answer, _openRest, _time, _logger) = (key, options, requests, answer, openRest, time, logger);
        (Length, _etag, _check) = (answer.ContentLength, answer.ETag ?? "", S3ContentCheck.For(answer));
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length { get; }

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // Ends by an answer, or by as many failures in a row as there may be attempts.
        while (buffer.Length > 0 && _position < Length)
        {
            Exception failure;
            using var silence = new CancellationTokenSource(_options.SilenceTimeout, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
            try
            {
                var read = await _answer.ResponseStream.ReadAsync(buffer[..(int)Math.Min(buffer.Length, Length - _position)], either.Token).ConfigureAwait(false);
                if (read > 0)
                {
                    Take(buffer.Span[..read]);
                    return read;
                }

                failure = new EndOfStreamException("the answer ended early");
            }
            catch (AmazonClientException e)
            {
                // The SDK compares too, where the server keeps a checksum of the whole.
                throw new ArchiveDamagedException(_key, "its bytes are not those whose checksum the store keeps", e);
            }
            catch (Exception e) when (e is not ArchiveDamagedException && !cancellationToken.IsCancellationRequested && S3Failure.Of(e) is not null)
            {
                failure = e;
            }

            await ResumeAsync(failure, cancellationToken).ConfigureAwait(false);
        }

        return 0;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("an object behind a network is read asynchronously");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Leave(_answer);
            _check?.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        _position += bytes.Length;
        _failures = 0;
        _check?.Add(bytes);
        if (_position == Length && _check?.IsWhole() == false)
        {
            throw new ArchiveDamagedException(_key, "its bytes are not those whose checksum the store keeps");
        }
    }

    /// <summary>The SDK compares once more when it lets go, and what it finds was said already.</summary>
    private static void Leave(GetObjectResponse answer)
    {
        try
        {
            answer.Dispose();
        }
        catch (AmazonClientException)
        {
            // See above.
        }
    }

    private async Task ResumeAsync(Exception failure, CancellationToken cancellationToken)
    {
        Leave(_answer);
        if (++_failures >= _options.MaxAttempts || _etag.Length == 0)
        {
            throw new S3StoreException(string.Create(CultureInfo.InvariantCulture, $"reading '{_key}' at {_options.Location} broke off at byte {_position} of {Length}: {failure.GetBaseException().Message}"), failure);
        }

        Resumed(_key, _position, failure.GetBaseException().Message);
        await Task.Delay(_requests.WaitAfter(_failures), _time, cancellationToken).ConfigureAwait(false);
        GetObjectResponse rest;
        try
        {
            rest = await _openRest(_position, cancellationToken).ConfigureAwait(false);
        }
        catch (S3AnswerException e)
        {
            throw new S3StoreException($"'{_key}' at {_options.Location} was replaced or deleted while it was read ({e.Code}): read it again", e);
        }

        _answer = rest;

        // Not every server knows conditions, one that knows no ranges begins at the beginning, and not every one that does answers 206.
        if (rest.ETag != _etag)
        {
            throw new S3StoreException($"'{_key}' at {_options.Location} was replaced while it was read: read it again");
        }

        var range = string.Create(CultureInfo.InvariantCulture, $"bytes {_position}-{Length - 1}/");
        if (rest.ContentRange?.StartsWith(range, StringComparison.Ordinal) != true || rest.ContentLength != Length - _position)
        {
            throw new S3StoreException($"'{_key}' at {_options.Location} cannot be read on from where it broke off: the server gives no ranges");
        }
    }

    [LoggerMessage(S3EventIds.ReadResumed, LogLevel.Debug, "reading '{Key}' goes on at byte {Position} after: {Reason}")]
    private partial void Resumed(string key, long position, string reason);
}
