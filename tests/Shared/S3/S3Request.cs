namespace StellaOps.Telemetry.Tests.Shared.S3;

/// <summary>One request on its way to an S3 server.</summary>
/// <param name="Operation">S3's name of it.</param>
/// <param name="Key">Of the object; empty for requests of the bucket.</param>
/// <param name="Part">The part's number; 0 for none.</param>
/// <param name="From">First byte of the range asked for; 0 for none.</param>
/// <param name="AccessKey">Whose request it says it is; empty for nobody's.</param>
public readonly record struct S3Request(string Operation, string Key, int Part, long From, string AccessKey)
{
    /// <summary>Reads it off a request's target: <c>/bucket/key?uploads</c>.</summary>
    public static S3Request Of(string method, string path, IReadOnlyDictionary<string, string> query, string? range, string? authorization)
    {
        var slash = path.IndexOf('/', 1);
        var key = slash < 0 ? "" : path[(slash + 1)..];
        var part = query.TryGetValue("partNumber", out var number) ? int.Parse(number, System.Globalization.CultureInfo.InvariantCulture) : 0;
        var from = range is null ? 0 : long.Parse(range["bytes=".Length..range.IndexOf('-', StringComparison.Ordinal)], System.Globalization.CultureInfo.InvariantCulture);
        var operation = (method, key.Length > 0) switch
        {
            ("PUT", true) => part > 0 ? "UploadPart" : "PutObject",
            ("POST", true) => query.ContainsKey("uploads") ? "CreateMultipartUpload" : "CompleteMultipartUpload",
            ("GET", true) => "GetObject",
            ("DELETE", true) => query.ContainsKey("uploadId") ? "AbortMultipartUpload" : "DeleteObject",
            ("GET", false) => query.ContainsKey("uploads") ? "ListMultipartUploads" : "ListObjectsV2",
            _ => method,
        };
        var credential = authorization?.IndexOf("Credential=", StringComparison.Ordinal) is { } at and >= 0 ? authorization[(at + "Credential=".Length)..] : "";
        return new S3Request(operation, key, part, from, credential.Split('/')[0]);
    }
}
