using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.Tests.Shared.Stack;

/// <summary>The real AppHost on free ports, in a state folder of its own or one that is given.</summary>
public sealed class StackProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_startTimeout = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan s_stopTimeout = TimeSpan.FromSeconds(15);

    private readonly Process _process;
    private readonly LastLines _output = new(2000);
    private readonly bool _ownsState;
    private bool _isFrozen;

    private StackProcess(string stateDirectory, bool ownsState, IReadOnlyList<string> arguments, int parentProcessId)
    {
        StateDirectory = stateDirectory;
        _ownsState = ownsState;
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (IEnumerable<string>)[BuiltProgram.Find("AppHost"), "--local", "--state", stateDirectory, "--ports", "random", .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        // A test run that is killed cannot stop its AppHost: that one ends by itself when this process (its parent) is gone.
        start.Environment[KnownEnvironment.ParentProcessId] = parentProcessId.ToString(CultureInfo.InvariantCulture);
        _process = new Process { StartInfo = start };
        _output.Start(_process);
    }

    /// <summary>The state folder, as <c>STELLA_STATE</c> wants it.</summary>
    public string StateDirectory { get; }

    /// <summary>The last lines that AppHost wrote, those of its children among them.</summary>
    public string Output => _output.ToString();

    /// <summary>AppHost's own process id.</summary>
    public int ProcessId => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>Where things listen now: read anew each time, since a restart changes process ids.</summary>
    public EndpointsDocument Endpoints => JsonSerializer.Deserialize(File.ReadAllBytes(EndpointsFile), ContractsJson.Default.EndpointsDocument)!;

    private string EndpointsFile => Path.Combine(StateDirectory, "endpoints.json");

    /// <summary>Starts a stack and waits until everything is healthy.</summary>
    /// <param name="stateDirectory">Null: a new temporary one, deleted at the end.</param>
    /// <param name="arguments">More arguments of AppHost.</param>
    public static async Task<StackProcess> StartAsync(string? stateDirectory = null, params string[] arguments)
    {
        var stack = Launch(stateDirectory, arguments);
        try
        {
            await stack.ReadyAsync();
            return stack;
        }
        catch
        {
            await stack.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts AppHost without waiting.</summary>
    public static StackProcess Launch(string? stateDirectory = null, params string[] arguments) => LaunchFor(Environment.ProcessId, stateDirectory, arguments);

    /// <summary>Starts AppHost, without waiting, so that it ends when another process than this one does.</summary>
    public static StackProcess LaunchFor(int parentProcessId, string? stateDirectory = null, params string[] arguments) =>
        new(stateDirectory ?? Directory.CreateTempSubdirectory("stella-stack-").FullName, stateDirectory is null, arguments, parentProcessId);

    /// <summary>Waits until everything was healthy.</summary>
    /// <exception cref="InvalidOperationException">AppHost ended, or it took too long; the message holds its output.</exception>
    public async Task ReadyAsync()
    {
        var watch = Stopwatch.StartNew();
        while (!IsReady())
        {
            if (_process.HasExited || watch.Elapsed > s_startTimeout)
            {
                throw new InvalidOperationException($"the stack is not ready after {watch.Elapsed.TotalSeconds:0} s:\n{Output}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }
    }

    /// <summary>The URL of a process's endpoint.</summary>
    /// <param name="endpoint"><c>http</c>, <c>otlp-grpc</c>, <c>otlp-http</c> or <c>tcp</c>.</param>
    public Uri Url(string process, string endpoint = "http") =>
        new(Endpoints.Find(process, endpoint) ?? throw new InvalidOperationException($"{process} has no endpoint {endpoint}"));

    /// <summary>A process's id; 0 while it is being started again.</summary>
    public int ProcessIdOf(string process) => Endpoints.Processes.First(p => p.Name == process).ProcessId;

    /// <summary>A token of the stack's own development issuer.</summary>
    /// <param name="tenant">One tenant, or <c>*</c>.</param>
    public string MintToken(string subject, string tenant, params string[] scopes) => MintToken(subject, tenant, TimeSpan.FromHours(1), scopes);

    /// <summary>A token that lives, from an hour before its end, until then; a negative lifetime makes an expired one.</summary>
    public string MintToken(string subject, string tenant, TimeSpan lifetime, params string[] scopes)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(Path.Combine(StateDirectory, "keys", "issuer.key")));
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = KnownIssuers.Development,
            Audience = KnownIssuers.Audience,
            Claims = new Dictionary<string, object> { ["sub"] = subject, ["tenant"] = tenant, ["scope"] = string.Join(' ', scopes) },
            IssuedAt = now + lifetime - TimeSpan.FromHours(1),
            Expires = now + lifetime,
            SigningCredentials = new SigningCredentials(
                new ECDsaSecurityKey(key)
                {
                    KeyId = Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo())),
                    CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false },
                },
                SecurityAlgorithms.EcdsaSha256),
        });
    }

    /// <summary>Kills one process of the stack at once (SIGKILL); AppHost starts it again.</summary>
    /// <returns>The id of the process that was killed.</returns>
    public async Task<int> KillAsync(string process)
    {
        var id = ProcessIdOf(process);
        await KillAsync(id);
        return id;
    }

    /// <summary>SIGKILL to one process by its id.</summary>
    public static Task KillAsync(int processId)
    {
        // 0 would mean the process group of whoever sends it.
        ArgumentOutOfRangeException.ThrowIfLessThan(processId, 2);
        return SignalAsync(processId, "KILL");
    }

    /// <summary>Waits until a process that was killed runs again under another id, and is healthy.</summary>
    public Task RestartedAsync(string process, int killed) => Eventually.HoldsAsync(
        () => File.Exists(EndpointsFile) && ProcessIdOf(process) is var id && id != 0 && id != killed && IsAlive(id),
        TimeSpan.FromSeconds(60),
        $"{process} runs again; AppHost wrote: {Output}");

    /// <summary>Kills one process, does something without it, and has AppHost start it again, which meanwhile does not.</summary>
    public async Task WithoutAsync(string process, Func<Task> meanwhile)
    {
        await FreezeHostAsync();
        var killed = await KillAsync(process);
        await Eventually.HoldsAsync(() => !IsAlive(killed), TimeSpan.FromSeconds(5), $"{process} is gone");
        await meanwhile();
        await ThawHostAsync();
        await RestartedAsync(process, killed);
    }

    /// <summary>SIGTERM, and waits for the end.</summary>
    public async Task StopAsync()
    {
        if (!_process.HasExited)
        {
            await SignalAsync(_process.Id, "TERM");
            await ExitedAsync();
        }
    }

    /// <summary>SIGKILL to AppHost itself.</summary>
    public async Task KillHostAsync()
    {
        await SignalAsync(_process.Id, "KILL");
        await ExitedAsync();
    }

    /// <summary>SIGSTOP to AppHost: it is there, so its children live on, but it starts none of them again.</summary>
    public async Task FreezeHostAsync()
    {
        await SignalAsync(_process.Id, "STOP");
        _isFrozen = true;
    }

    /// <summary>SIGCONT to AppHost, which sees then what happened.</summary>
    public async Task ThawHostAsync()
    {
        await SignalAsync(_process.Id, "CONT");
        _isFrozen = false;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_isFrozen)
            {
                await ThawHostAsync();
            }

            await StopAsync();
        }
        finally
        {
            if (!_process.HasExited)
            {
                _process.Kill(entireProcessTree: true);
            }

            _process.Dispose();
            if (_ownsState && Directory.Exists(StateDirectory))
            {
                Directory.Delete(StateDirectory, recursive: true);
            }
        }
    }

    /// <summary>Whether a process runs; a zombie does not.</summary>
    public static bool IsAlive(int processId) => StatOf(processId) is [not ("Z" or "X"), ..];

    /// <summary>A process's parent; 0 when it is gone.</summary>
    public static int ParentOf(int processId) => StatOf(processId) is [_, var parent, ..] ? int.Parse(parent, CultureInfo.InvariantCulture) : 0;

    /// <summary>A process's children, their children, and so on.</summary>
    public static IReadOnlyList<int> DescendantsOf(int processId)
    {
        var parents = Directory.EnumerateDirectories("/proc")
            .Select(d => int.TryParse(Path.GetFileName(d), CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0)
            .ToDictionary(id => id, ParentOf);
        List<int> found = [processId];
        for (var at = 0; at < found.Count; at++)
        {
            found.AddRange(parents.Where(p => p.Value == found[at]).Select(p => p.Key));
        }

        return found[1..];
    }

    /// <summary>A file that an AppHost left when it was killed is not ours.</summary>
    private bool IsReady() => File.Exists(EndpointsFile) && Endpoints.ProcessId == _process.Id;

    /// <summary>The fields of <c>/proc/4711/stat</c> behind the name, which may hold anything: state, parent, ... Null when it is gone.</summary>
    private static string[]? StatOf(int processId)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat"));
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static async Task SignalAsync(int processId, string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, processId.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private async Task ExitedAsync()
    {
        using var patience = new CancellationTokenSource(s_stopTimeout);
        await _process.WaitForExitAsync(patience.Token);
    }
}
