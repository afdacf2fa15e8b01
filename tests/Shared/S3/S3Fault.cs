namespace StellaOps.Telemetry.Tests.Shared.S3;

/// <summary>What happens to a request.</summary>
public enum S3FaultKind
{
    /// <summary>503 SlowDown; the server never hears of it.</summary>
    SlowDown,

    /// <summary>The server does it, and the client is told 500 InternalError.</summary>
    InternalError,

    /// <summary>The connection is reset before anything goes on.</summary>
    Reset,

    /// <summary>The server gets so many bytes of the body, then both connections break.</summary>
    CutRequest,

    /// <summary>The client gets so many bytes of the answer's body, then its connection breaks.</summary>
    CutAnswer,

    /// <summary>The server does it, and the client's connection breaks before it hears of it.</summary>
    LoseAnswer,

    /// <summary>Both ways, a little at a time.</summary>
    Slow,

    /// <summary>Nothing ever comes back.</summary>
    Stall,

    /// <summary>One byte of the body arrives changed; who judges bodies by <c>x-amz-content-sha256</c> refuses it, and so does the proxy in the server's place.</summary>
    CorruptRequest,

    /// <summary>403 InvalidAccessKeyId; the server never hears of it.</summary>
    UnknownAccessKey,

    /// <summary>One byte of the answer's body arrives changed.</summary>
    CorruptAnswer,
}

/// <summary>A fault.</summary>
/// <param name="At">The byte of the body where it strikes; bodies that are shorter are struck at their end.</param>
public sealed record S3Fault(S3FaultKind Kind, int At = 0);
