using System.Diagnostics;

namespace StellaOps.Telemetry.AppHost.Local.Processes;

/// <summary>One child process that is kept running: started, watched, started again when it dies, stopped at the end.</summary>
internal sealed class Child(string name, IChildKind kind, LogConsole console, string logPath, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_healthPeriod = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_lastOutput = TimeSpan.FromSeconds(1);

    // A shell whose standard input is a pipe from this engine: when that closes, however the engine ended, the child is asked to stop (SIGINT is
    // PostgreSQL's fast shutdown), and killed when that does not help. A background job's input is /dev/null unless said otherwise, so the pipe
    // goes by descriptor 3, and to the watch only; the watch outlives the shell if somebody kills that.
    private const string Supervisor =
        """
        exec 3<&0
        "$@" </dev/null 3<&- & child=$!
        { cat; for signal in INT - - - - QUIT KILL; do [ $signal = - ] || kill -s $signal $child; sleep 1; kill -0 $child || break; done; } <&3 >/dev/null 2>&1 & watch=$!
        trap 'kill -s INT $child' INT TERM
        wait $child; status=$?
        while kill -0 $child 2>/dev/null; do wait $child; status=$?; done
        kill $watch 2>/dev/null
        exit $status
        """;

    private readonly LogFile _log = new(logPath);
    private readonly TaskCompletionSource _healthyOnce = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Process? _process;
    private volatile int _started;
    private volatile int _serving;
    private volatile bool _stopping;

    public string Name => name;

    /// <summary>Completes when it was healthy for the first time.</summary>
    public Task HealthyOnce => _healthyOnce.Task;

    /// <summary>The process that works now; 0 while there is none.</summary>
    public int ProcessId => _started is var id and > 0 ? kind.WorkingProcessId() ?? id : 0;

    /// <summary>The process that works now and was healthy; 0 while there is none.</summary>
    public int ServingProcessId => _serving;

    /// <summary>Told after each start that became healthy, and when that ended.</summary>
    public event Action? Changed;

    /// <summary>Keeps it running until the token is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var pause = s_firstPause;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var started = time.GetTimestamp();
                using var process = Start(await kind.PrepareAsync(cancellationToken));
                _process = process;
                _started = process.Id;
                await ServeAsync(process, cancellationToken);
                if (time.GetElapsedTime(started) > TimeSpan.FromSeconds(30))
                {
                    pause = s_firstPause;
                }

                if (!_stopping && !cancellationToken.IsCancellationRequested)
                {
                    Say($"ended with exit code {process.ExitCode}; starting again in {pause.TotalSeconds:0.0} s");
                }
            }
            catch (LocalEngineException e)
            {
                Say(e.Message);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            try
            {
                await Task.Delay(pause, time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
        }
    }

    /// <summary>Asks it to stop, and kills it when it has not by the deadline.</summary>
    public async Task StopAsync(CancellationToken deadline)
    {
        _stopping = true;
        if (_process is not { } process)
        {
            return;
        }

        try
        {
            if (process.HasExited)
            {
                return;
            }

            Signals.Send(process.Id, Signals.Terminate);
            await process.WaitForExitAsync(deadline);
        }
        catch (OperationCanceledException)
        {
            Say("did not stop in time: killed");
            if (kind.WorkingProcessId() is { } working)
            {
                Signals.Send(working, Signals.Kill);
            }

            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // Its object was disposed by the loop that saw it end.
        }
    }

    public void Dispose()
    {
        _log.Dispose();
        _process?.Dispose();
    }

    private async Task ServeAsync(Process process, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var health = WaitForHealthAsync(process, ended.Token);
        try
        {
            // Not cancelled with the engine: stopping is StopAsync's.
            await ExitedAsync(process);
        }
        finally
        {
            await ended.CancelAsync();
            await health;
            _started = 0;
            _serving = 0;
            Changed?.Invoke();
        }
    }

    /// <summary>
    /// WaitForExitAsync waits for the end of the output too, which a process that outlives its killed supervisor holds open for as long as it runs.
    /// </summary>
    private async Task ExitedAsync(Process process)
    {
        var exited = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process.Exited += (_, _) => exited.TrySetResult();
        process.EnableRaisingEvents = true;
        await exited.Task;
        using var patience = new CancellationTokenSource(s_lastOutput, time);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            Say("was cut off from its supervisor, which ended alone");
        }
    }

    private async Task WaitForHealthAsync(Process process, CancellationToken cancellationToken)
    {
        try
        {
            while (!await kind.IsHealthyAsync(cancellationToken))
            {
                await Task.Delay(s_healthPeriod, time, cancellationToken);
            }

            if (!_healthyOnce.Task.IsCompleted)
            {
                await kind.CompleteAsync(cancellationToken);
                _healthyOnce.TrySetResult();
            }

            if (!process.HasExited)
            {
                _serving = ProcessId;
                Changed?.Invoke();
            }
        }
        catch (OperationCanceledException)
        {
            // The process ended, or the engine does.
        }
    }

    private Process Start(ChildCommand command)
    {
        var start = new ProcessStartInfo(command.Supervised ? "/bin/sh" : command.File)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = command.WorkingDirectory,
        };
        foreach (var argument in command.Supervised ? ["-c", Supervisor, "supervisor", command.File, .. command.Arguments] : command.Arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (key, value) in command.Environment)
        {
            start.Environment[key] = value;
        }

        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, e) => Receive(e.Data);
        process.ErrorDataReceived += (_, e) => Receive(e.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private void Receive(string? line)
    {
        if (line is not null)
        {
            _log.Write(line);
            console.Line(name, line);
        }
    }

    private void Say(string text)
    {
        _log.Write("[AppHost] " + text);
        console.Line(name, "[AppHost] " + text);
    }
}
