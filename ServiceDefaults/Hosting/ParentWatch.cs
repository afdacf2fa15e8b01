using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace StellaOps.Telemetry.ServiceDefaults.Hosting;

/// <summary>
/// Ends this process when the one that started it is gone: a local engine that was killed cannot stop its children. What does not stop
/// within <see cref="s_patience"/> is ended hard; everything here survives that by design.
/// </summary>
internal sealed partial class ParentWatch(IOptions<StellaHostOptions> options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<ParentWatch> logger) : BackgroundService
{
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.ParentProcessId is not { } processId)
        {
            return;
        }

        if (ProcessIdentity.Find(processId) is { } parent)
        {
            using var timer = new PeriodicTimer(s_period, time);
            while (parent.IsAlive())
            {
                try
                {
                    await timer.WaitForNextTickAsync(stoppingToken);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        }

        Log.ParentGone(logger, processId);

        // A thread of its own: the pool may be what hangs.
        new Thread(EndHard) { IsBackground = true, Name = "parent-watch" }.Start();
        lifetime.StopApplication();
    }

    private static void EndHard()
    {
        using var never = new ManualResetEventSlim();
        never.Wait(s_patience);
        Process.GetCurrentProcess().Kill();
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.ParentGone, LogLevel.Warning, "Process {ProcessId}, which started this one, is gone: stopping")]
        public static partial void ParentGone(ILogger logger, int processId);
    }
}
