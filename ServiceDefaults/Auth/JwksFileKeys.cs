using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace StellaOps.Telemetry.ServiceDefaults.Auth;

/// <summary>The keys of a JWKS file, read anew when the file changes. A file that cannot be read keeps the last good keys.</summary>
internal sealed partial class JwksFileKeys(string path, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan s_checkEvery = TimeSpan.FromSeconds(1);

    // Guards everything below: validation runs on many threads, a reload is rare and short.
    private readonly Lock _lock = new();
    private IList<SecurityKey> _keys = [];
    private (DateTime Written, long Length) _seen;
    private long _checkedAt;
    private bool _checked;

    public IList<SecurityKey> Current
    {
        get
        {
            lock (_lock)
            {
                if (!_checked || time.GetElapsedTime(_checkedAt) > s_checkEvery)
                {
                    Reload();
                    _checked = true;
                    _checkedAt = time.GetTimestamp();
                }

                return _keys;
            }
        }
    }

    private void Reload()
    {
        try
        {
            var file = new FileInfo(path);
            var now = (file.LastWriteTimeUtc, file.Length);
            if (now == _seen)
            {
                return;
            }

            _keys = new JsonWebKeySet(File.ReadAllText(path)).GetSigningKeys();
            _seen = now;
            Log.Loaded(logger, path, _keys.Count);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            Log.Unreadable(logger, e, path, _keys.Count);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.JwksLoaded, LogLevel.Information, "Issuer keys loaded from {Path}: {Count}")]
        public static partial void Loaded(ILogger logger, string path, int count);

        [LoggerMessage(EventIds.JwksUnreadable, LogLevel.Error, "Issuer keys could not be read from {Path}; {Count} earlier keys stay in force")]
        public static partial void Unreadable(ILogger logger, Exception exception, string path, int count);
    }
}
