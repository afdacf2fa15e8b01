using Amazon.Runtime;
using Microsoft.Extensions.Logging;

namespace StellaOps.Telemetry.Archive.Objects.S3;

/// <summary>What the files say; while they cannot be used, what they said last.</summary>
internal sealed partial class S3Credentials : AWSCredentials
{
    private readonly Lock _lock = new();
    private readonly S3CredentialFiles _files;
    private readonly ILogger _logger;
    private ImmutableCredentials _current;
    private string? _fault;

    /// <exception cref="IOException">There never were any.</exception>
    public S3Credentials(S3CredentialFiles files, ILogger logger)
    {
        (_files, _logger) = (files, logger);
        _current = files.TryRead(out var first, out var fault) ? first : throw new IOException(fault);
    }

    /// <summary>Counts changes, so that who was refused with older ones can tell.</summary>
    public int Version { get; private set; }

    /// <summary>Looks at the files: whether they say something else than when there were that many changes.</summary>
    public bool IsOtherThan(int version)
    {
        GetCredentials();
        return Version != version;
    }

    public override ImmutableCredentials GetCredentials()
    {
        lock (_lock)
        {
            if (!_files.TryRead(out var read, out var fault))
            {
                if (fault != _fault)
                {
                    Refused(fault);
                }

                _fault = fault;
                return _current;
            }

            _fault = null;
            if (read.AccessKey != _current.AccessKey || read.SecretKey != _current.SecretKey || read.Token != _current.Token)
            {
                _current = read;
                Version++;
                Changed();
            }

            return _current;
        }
    }

    public override Task<ImmutableCredentials> GetCredentialsAsync() => Task.FromResult(GetCredentials());

    [LoggerMessage(S3EventIds.CredentialsChanged, LogLevel.Information, "the archive's credentials changed; the new ones are in use")]
    private partial void Changed();

    [LoggerMessage(S3EventIds.CredentialsRefused, LogLevel.Warning, "the archive's credentials cannot be read and the last ones stay in use: {Fault}")]
    private partial void Refused(string fault);
}
