using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace StellaOps.Telemetry.IncidentSampling.Following;

/// <summary>
/// Keeps the sampler current by long polls of the gateway. Nothing of it reaches the application: it runs beside it, makes no spans, and whatever
/// happens is waited out.
/// </summary>
internal sealed class StrategyFollower : IDisposable
{
    private readonly IncidentSamplingOptions _options;
    private readonly Func<string, string?> _setting;
    private readonly TracerProvider _provider;
    private readonly RootSampler _root;
    private readonly CancellationTokenSource _stopping = new();
    private int _isDisposed;

    private StrategyFollower(IncidentSamplingOptions options, Func<string, string?> setting, TracerProvider provider, RootSampler root) =>
        (_options, _setting, _provider, _root) = (options, setting, provider, root);

    /// <param name="setting">Reads the environment.</param>
    public static StrategyFollower Start(IncidentSamplingOptions options, Func<string, string?> setting, TracerProvider provider, RootSampler root)
    {
        var follower = new StrategyFollower(options, setting, provider, root);

        // Unsafe: not in the context, and so not below an activity, of whoever builds the provider.
        ThreadPool.UnsafeQueueUserWorkItem(static f => _ = f.RunAsync(f._stopping.Token), follower, preferLocal: false);
        return follower;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            _stopping.Cancel();
            _stopping.Dispose();
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        using var quiet = SuppressInstrumentationScope.Begin();
        try
        {
            if (FollowerTarget.Find(_options, _setting, await ResourceAsync(cancellationToken).ConfigureAwait(false), out var reason) is not { } target)
            {
                IncidentSamplingEventSource.Log.NotFollowing(reason);
                return;
            }

            IncidentSamplingEventSource.Log.Following(target.Url.GetComponents(UriComponents.HostAndPort, UriFormat.UriEscaped));
            using var client = _options.HttpClientFactory?.Invoke() ?? NewClient();
            using var rate = new HeadRate(_root, _options.TimeProvider);
            var poll = new StrategyPoll(client, target, rate, _options.TimeProvider);
            while (!cancellationToken.IsCancellationRequested)
            {
                var wait = await poll.OnceAsync(cancellationToken).ConfigureAwait(false);
                if (wait > TimeSpan.Zero)
                {
                    await Task.Delay(wait, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Disposed.
        }
        catch (Exception e)
        {
            // Of a factory or a clock that is not ours: without them there is nobody to ask.
            IncidentSamplingEventSource.Log.NotFollowing(e.Message);
        }
    }

    /// <summary>A provider hands itself to what it is made of before it has its resource, which is a matter of microseconds.</summary>
    private async Task<Resource> ResourceAsync(CancellationToken cancellationToken)
    {
        Resource? resource;
        while ((resource = _provider.GetResource()) is null)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), cancellationToken).ConfigureAwait(false);
        }

        return resource;
    }

    private static HttpClient NewClient() => new(new SocketsHttpHandler
    {
        ActivityHeadersPropagator = null,
        AllowAutoRedirect = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(15),
        UseCookies = false,
    });
}
