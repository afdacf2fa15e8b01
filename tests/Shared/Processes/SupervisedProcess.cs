using System.Diagnostics;

namespace StellaOps.Telemetry.Tests.Shared.Processes;

/// <summary>
/// A child process that cannot outlive the test process, not even when that is killed: a shell stands between, whose standard input is a
/// pipe from here. When the pipe closes, the shell sends the child <see cref="_stopSignal"/> and, if that does not help, SIGKILL.
/// </summary>
public sealed class SupervisedProcess : IAsyncDisposable
{
    // $1: signal; the rest: the command. A background job's input is /dev/null unless said otherwise, so the pipe goes by descriptor 3, to the
    // watch only. The watch writes nowhere: whatever holds our output pipe keeps us waiting for its end.
    private const string Supervisor =
        """
        signal=$1; shift
        exec 3<&0
        "$@" </dev/null 3<&- & child=$!
        echo "child $child"
        { cat; kill -s "$signal" $child; sleep 5; kill -s KILL $child; } <&3 >/dev/null 2>&1 & watch=$!
        wait $child; status=$?
        kill $watch 2>/dev/null
        exit $status
        """;

    private readonly Process _shell;
    private readonly string _stopSignal;
    private readonly LastLines _output = new(500);
    private readonly TaskCompletionSource<int> _childId = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SupervisedProcess(string stopSignal, IEnumerable<string> command, IReadOnlyDictionary<string, string>? environment)
    {
        _stopSignal = stopSignal;
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (IEnumerable<string>)["-c", Supervisor, "supervisor", stopSignal, .. command])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        _shell = new Process { StartInfo = start, EnableRaisingEvents = true };
        _output.Start(_shell, IsOutput);
    }

    /// <summary>The child's process id.</summary>
    public Task<int> ChildId => _childId.Task;

    public bool HasExited => _shell.HasExited;

    /// <summary>Everything it wrote, for messages of failing tests.</summary>
    public string Output => _output.ToString();

    /// <summary>Starts a command.</summary>
    /// <param name="stopSignal">What asks it to stop: <c>TERM</c>, <c>INT</c>.</param>
    public static SupervisedProcess Start(string stopSignal, IEnumerable<string> command, IReadOnlyDictionary<string, string>? environment = null) =>
        new(stopSignal, command, environment);

    /// <summary>Kills the child at once (SIGKILL) and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        if (!_shell.HasExited)
        {
            using var kill = Process.Start("kill", ["-s", "KILL", (await ChildId).ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync();
        }

        await ExitAsync();
    }

    /// <summary>Asks the child to stop and waits until it is gone.</summary>
    public Task StopAsync() => ExitAsync();

    public async ValueTask DisposeAsync()
    {
        await ExitAsync();
        _shell.Dispose();
    }

    private async Task ExitAsync()
    {
        if (!_shell.HasExited)
        {
            _shell.StandardInput.Close();
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(15));
            await _shell.WaitForExitAsync(patience.Token);
        }
    }

    /// <summary>Whether the child wrote it; the supervisor's own line tells its id.</summary>
    private bool IsOutput(string line)
    {
        if (!line.StartsWith("child ", StringComparison.Ordinal) || !int.TryParse(line.AsSpan(6), out var id))
        {
            return true;
        }

        _childId.TrySetResult(id);
        return false;
    }
}
