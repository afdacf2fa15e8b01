using System.Net;
using System.Net.Sockets;
using Amazon.Runtime;

namespace StellaOps.Telemetry.Archive.Objects.S3;

/// <summary>What a failed attempt means.</summary>
/// <param name="Code">S3's own, or what happened to the connection.</param>
/// <param name="IsTransient">Trying again may help.</param>
internal readonly record struct S3Failure(string Code, bool IsTransient)
{
    // Answers that say that the request came broken, or that the clock or the credentials were of another moment.
    private static readonly string[] s_transient =
        ["RequestTimeout", "InternalError", "SlowDown", "ServiceUnavailable", "BadDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch", "IncompleteBody", "OperationAborted", "RequestTimeTooSkewed"];

    private static readonly string[] s_credentials = ["InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "TokenRefreshRequired"];

    /// <summary>Whether the server did not know, or not any more, who asked.</summary>
    public bool IsOfCredentials => s_credentials.Contains(Code);

    /// <summary>Null: it is no failure of a request, and passes.</summary>
    public static S3Failure? Of(Exception exception) => exception switch
    {
        AmazonUnmarshallingException => new S3Failure("an answer that cannot be read", true),
        AmazonServiceException e when e.StatusCode != 0 => OfAnswer(e),
        AmazonServiceException or AmazonClientException or HttpRequestException or IOException or SocketException or TimeoutException => new S3Failure(Innermost(exception), true),
        OperationCanceledException => new S3Failure("no answer in time", true),
        _ => null,
    };

    private static S3Failure OfAnswer(AmazonServiceException e)
    {
        var code = string.IsNullOrEmpty(e.ErrorCode) ? ((int)e.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture) : e.ErrorCode;
        return new S3Failure(code, (int)e.StatusCode >= 500 || e.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout || s_transient.Contains(code));
    }

    private static string Innermost(Exception exception)
    {
        // Bounded by the depth of the chain.
        while (exception.InnerException is { } inner)
        {
            exception = inner;
        }

        return exception.Message;
    }
}
