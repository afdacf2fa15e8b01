namespace StellaOps.Telemetry.Archive.Objects.S3;

/// <summary>How the host lets connections be made: the store makes none by itself.</summary>
/// <param name="CreateHandler">Makes a handler whose every connection the host's dialer makes, without proxy and redirects.</param>
/// <param name="IsRefused">Whether a failure, or what is behind it, is the dialer's refusal, so that trying again is of no use.</param>
public sealed record S3Connections(Func<SocketsHttpHandler> CreateHandler, Func<Exception, bool> IsRefused);
