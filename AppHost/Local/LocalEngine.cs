using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using StellaOps.Telemetry.AppHost.Local.Bootstrap;
using StellaOps.Telemetry.AppHost.Local.Processes;
using StellaOps.Telemetry.AppHost.Plan;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.AppHost.Local;

/// <summary>Runs the stack as child processes, without containers and without Aspire.</summary>
internal sealed class LocalEngine(LocalOptions options, LogConsole console, TimeProvider time)
{
    // The promise is 10 s; what has not stopped by then is killed within the rest.
    private static readonly TimeSpan s_stopPatience = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan s_parentPeriod = TimeSpan.FromMilliseconds(500);

    private readonly TaskCompletionSource _stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private bool _ready;

    /// <summary>Runs until a signal to stop; the exit code.</summary>
    public async Task<int> RunAsync()
    {
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
        try
        {
            using var state = StateFolder.Take(options.StateDirectory);
            await RunAsync(state);
            return 0;
        }
        catch (LocalEngineException e)
        {
            console.Line("AppHost: " + e.Message);
            return 1;
        }
        catch (ArgumentException e)
        {
            console.Line("AppHost: " + e.Message);
            return 2;
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            _stop.TrySetResult();
        }
    }

    private async Task RunAsync(StateFolder state)
    {
        var startedAt = time.GetUtcNow();
        var root = BuiltAssembly.Root();
        if (!File.Exists(options.ProfileFile(root)))
        {
            throw new LocalEngineException($"--profile '{options.Profile}': there is no {options.ProfileFile(root)}");
        }

        var resources = options.Only.Count == 0 ? Topology.Resources : Topology.Only(options.Only);
        File.Delete(state.EndpointsFile);
        var left = new LeftProcesses(state, time);
        await left.AwaitEndAsync(console, CancellationToken.None);
        var secrets = KeyBootstrap.Complete(state.Keys);
        var tokens = new ServiceTokens(state.Keys, time);
        tokens.Write();
        var context = new LocalContext(state, root, options, resources, secrets.SystemIngestKey, secrets.GatewayId);
        Table(context, resources);

        using var http = new HttpClient();
        using var running = new CancellationTokenSource();
        var children = new List<Child>();
        var loops = new List<Task> { tokens.RenewAsync(running.Token) };
        try
        {
            var starts = resources.ToDictionary(r => r.Name, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            foreach (var resource in resources)
            {
                var child = new Child(resource.Name, Kind(resource, context, root, secrets, http), console, Path.Combine(state.Logs, resource.Name + ".log"), time);
                child.Changed += () => Publish(state, left, context, resources, children, startedAt);
                children.Add(child);
                loops.Add(RunAfterAsync(child, children.Where(c => resource.WaitsFor.Contains(c.Name)).Select(c => c.HealthyOnce).ToList(), running.Token));
            }

            loops.Add(WatchParentAsync(running.Token));
            var ready = Task.WhenAll(children.Select(c => c.HealthyOnce));
            if (await Task.WhenAny(ready, _stop.Task) == ready)
            {
                lock (_lock)
                {
                    _ready = true;
                }

                Publish(state, left, context, resources, children, startedAt);
                console.Line($"ready in {(time.GetUtcNow() - startedAt).TotalSeconds:0.0} s; Ctrl-C stops everything");
            }

            await _stop.Task;
        }
        finally
        {
            console.Line("stopping");
            lock (_lock)
            {
                _ready = false;
                File.Delete(state.EndpointsFile);
            }

            await StopAsync(children, running, loops);
            left.Clear();
            console.Line("stopped");
        }
    }

    /// <summary>A test run that is killed cannot stop the engine that it started: its end is a signal to stop.</summary>
    private async Task WatchParentAsync(CancellationToken cancellationToken)
    {
        if (!int.TryParse(Environment.GetEnvironmentVariable(KnownEnvironment.ParentProcessId), NumberStyles.None, CultureInfo.InvariantCulture, out var parent))
        {
            return;
        }

        var started = Signals.StartOf(parent);
        using var timer = new PeriodicTimer(s_parentPeriod, time);
        while (started is not null && Signals.StartOf(parent) == started)
        {
            try
            {
                await timer.WaitForNextTickAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }

        console.Line($"process {parent}, which started this one, is gone");
        _stop.TrySetResult();
    }

    private static async Task RunAfterAsync(Child child, IReadOnlyList<Task> waitsFor, CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(waitsFor).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        await child.RunAsync(cancellationToken);
    }

    /// <summary>In reverse order: a service still reaches what it depends on while it stops. Services stop beside one another.</summary>
    private static async Task StopAsync(List<Child> children, CancellationTokenSource running, List<Task> loops)
    {
        using var deadline = new CancellationTokenSource(s_stopPatience);
        await running.CancelAsync();
        var infrastructure = children.Where(c => c.Name is KnownServices.Postgres or KnownServices.Redis).ToList();
        await Task.WhenAll(children.Except(infrastructure).Select(c => c.StopAsync(deadline.Token)));
        await Task.WhenAll(infrastructure.Select(c => c.StopAsync(deadline.Token)));
        await Task.WhenAll(loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        children.ForEach(c => c.Dispose());
    }

    private IChildKind Kind(Resource resource, LocalContext context, string root, BootstrapSecrets secrets, HttpClient http) => resource.Kind switch
    {
        ResourceKind.Postgres => new PostgresChild(resource, context, root, secrets.PostgresPassword, time),
        ResourceKind.Redis => new RedisChild(resource, context),
        _ => new ServiceChild(resource, context, http),
    };

    private void Publish(StateFolder state, LeftProcesses left, LocalContext context, IReadOnlyList<Resource> resources, List<Child> children, DateTimeOffset startedAt)
    {
        lock (_lock)
        {
            left.Write(children.Select(c => c.ProcessId).Where(id => id > 0));
            if (_ready)
            {
                var ids = children.ToDictionary(c => c.Name, c => c.ServingProcessId);
                var document = new EndpointsDocument(
                    "local",
                    Environment.ProcessId,
                    startedAt,
                    state.Root,
                    [.. resources.Select(r => new ProcessEndpoint(r.Name, ids[r.Name], context.Urls(r)))]);
                StateFolder.WriteAtomically(state.EndpointsFile, JsonSerializer.SerializeToUtf8Bytes(document, ContractsJson.Default.EndpointsDocument));
            }
        }
    }

    private void Table(LocalContext context, IReadOnlyList<Resource> resources)
    {
        console.Line($"state:  {context.State.Root}");
        foreach (var resource in resources)
        {
            foreach (var (name, url) in context.Urls(resource))
            {
                console.Line($"  {resource.Name,-16} {name,-10} {url}");
            }
        }
    }
}
