using System.Collections.Frozen;

namespace StellaOps.Telemetry.IngestGateway.Admission;

/// <summary>How a status is answered.</summary>
/// <param name="Reason">Label in metrics.</param>
/// <param name="RetryAfterSeconds">Above 0 where the sender may try again, and after how long.</param>
internal sealed record IngestAnswer(string Reason, int HttpStatus, int GrpcStatus, int RetryAfterSeconds, string Message)
{
    /// <summary>After how long to try again; zero where it would be in vain.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(RetryAfterSeconds);

    /// <summary>The same with a wait that is known better.</summary>
    public IngestAnswer After(TimeSpan wait) => wait > TimeSpan.Zero ? this with { RetryAfter = wait } : this;
}

/// <summary>
/// The answers of OTLP (https://opentelemetry.io/docs/specs/otlp/#failures). A gRPC RESOURCE_EXHAUSTED without RetryInfo is final for a
/// sender, which is right for a request that is too large and wrong for a tenant above its share.
/// </summary>
internal static class IngestAnswers
{
    private const int InvalidArgument = 3;
    private const int PermissionDenied = 7;
    private const int ResourceExhausted = 8;
    private const int Unimplemented = 12;
    private const int Internal = 13;
    private const int Unavailable = 14;
    private const int Unauthenticated = 16;

    private static readonly FrozenDictionary<IngestStatus, IngestAnswer> s_answers = new Dictionary<IngestStatus, IngestAnswer>
    {
        [IngestStatus.Accepted] = new("accepted", 200, 0, 0, ""),
        [IngestStatus.Unauthenticated] = new("unauthenticated", 401, Unauthenticated, 0, "a valid bearer token or ingest key is needed"),
        [IngestStatus.ScopeMissing] = new("scope_missing", 403, PermissionDenied, 0, "the token lacks the scope telemetry:write"),
        [IngestStatus.TenantNotSingle] = new("tenant_not_single", 403, PermissionDenied, 0, "a sender's token names exactly one tenant"),
        [IngestStatus.TenantUnknown] = new("tenant_unknown", 403, PermissionDenied, 0, "the tenant is not registered"),
        [IngestStatus.TenantDisabled] = new("tenant_disabled", 403, PermissionDenied, 0, "the tenant is disabled"),
        [IngestStatus.ReplayNotAllowed] = new("replay_not_allowed", 403, PermissionDenied, 0, "a replay needs a token with the scope replay:write, and a mark of the form ID/ORDINAL"),
        [IngestStatus.ReplayIntoLiveTenant] = new("replay_into_live_tenant", 403, PermissionDenied, 0, "the tenant is no replay target: register one with 'stella telemetry tenant add NAME --replay-target'"),
        [IngestStatus.LiveIntoReplayTarget] = new("live_into_replay_target", 403, PermissionDenied, 0, "the tenant is a replay target: it takes replays and nothing else"),
        [IngestStatus.CertificateRefused] = new("certificate_refused", 401, Unauthenticated, 0, "the client certificate's SPIFFE identity names no tenant of this gateway"),
        [IngestStatus.TenantMismatch] = new("tenant_mismatch", 403, PermissionDenied, 0, "the token is of another tenant than the client certificate"),
        [IngestStatus.CertificateEnded] = new("certificate_ended", 503, Unavailable, 1, "the connection's client certificate is not good any more: connect again"),
        [IngestStatus.Malformed] = new("malformed", 400, InvalidArgument, 0, "the body is not a valid OTLP request"),
        [IngestStatus.TooDeep] = new("too_deep", 400, InvalidArgument, 0, "values are nested deeper than the profile allows"),
        [IngestStatus.TooManyRecords] = new("too_many_records", 413, ResourceExhausted, 0, "more records than the profile allows in one request"),
        [IngestStatus.RequestTooLarge] = new("request_too_large", 413, ResourceExhausted, 0, "the request is larger than the profile allows"),
        [IngestStatus.DecompressedTooLarge] = new("decompressed_too_large", 413, ResourceExhausted, 0, "the decompressed request is larger than the profile allows"),
        [IngestStatus.BadCompression] = new("bad_compression", 400, InvalidArgument, 0, "the body is not what its encoding says"),
        [IngestStatus.CompressionNotNamed] = new("compression_not_named", 400, Internal, 0, "a message is marked as compressed, and grpc-encoding names nothing"),
        [IngestStatus.UnsupportedCompression] = new("unsupported_compression", 415, Unimplemented, 0, "encodings taken: gzip, zstd, identity"),
        [IngestStatus.UnsupportedMediaType] = new("unsupported_media_type", 415, InvalidArgument, 0, "media types taken: application/x-protobuf, application/json"),
        [IngestStatus.UnknownMethod] = new("unknown_method", 404, Unimplemented, 0, "no such method; OTLP traces, metrics and logs are taken"),
        [IngestStatus.BadQuery] = new("bad_query", 400, InvalidArgument, 0, "ask ?service=NAME, once, of 1 to 255 characters; wait is a number of seconds up to 30"),
        [IngestStatus.ReplayConflict] = new("replay_conflict", 400, InvalidArgument, 0, "another batch of this replay had the same ordinal"),
        [IngestStatus.TooManyWait] = new("too_many_wait", 503, Unavailable, 3, "too many wait for another sampling rate: ask again"),
        [IngestStatus.TenantWaitsEnough] = new("tenant_waits_enough", 429, ResourceExhausted, 3, "too many of the tenant wait for another sampling rate: ask again"),
        [IngestStatus.NotReady] = new("not_ready", 503, Unavailable, 2, "the gateway does not know its tenants yet"),
        [IngestStatus.Overloaded] = new("overloaded", 503, Unavailable, 1, "too much in flight"),
        [IngestStatus.ReplayInFlight] = new("replay_in_flight", 503, Unavailable, 1, "the same batch is being taken: send it again"),
        [IngestStatus.BodyTooSlow] = new("body_too_slow", 503, Unavailable, 2, "the body came too slowly"),
        [IngestStatus.TenantBusy] = new("tenant_busy", 503, Unavailable, 1, "the tenant has too many requests in flight"),
        [IngestStatus.QuotaExceeded] = new("quota_exceeded", 429, ResourceExhausted, 1, "the tenant is above its quota"),
        [IngestStatus.TenantShareExceeded] = new("tenant_share_exceeded", 429, ResourceExhausted, 5, "the tenant holds its share of the log"),
        [IngestStatus.LogFull] = new("log_full", 503, Unavailable, 5, "the log is full"),
        [IngestStatus.DiskFailed] = new("disk_failed", 503, Unavailable, 5, "the log cannot be written"),
        [IngestStatus.Stopping] = new("stopping", 503, Unavailable, 1, "the gateway is stopping"),
        [IngestStatus.Failed] = new("failed", 503, Unavailable, 5, "internal error"),
    }.ToFrozenDictionary();

    public static IngestAnswer For(IngestStatus status) => s_answers[status];
}
