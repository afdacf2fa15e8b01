using System.Globalization;
using Npgsql;
using StellaOps.Telemetry.AppHost.Plan;

namespace StellaOps.Telemetry.AppHost.Local.Processes;

/// <summary>PostgreSQL from the machine's own binaries; its data stays in the state folder.</summary>
internal sealed class PostgresChild(Resource resource, LocalContext context, string repositoryRoot, string password, TimeProvider time) : IChildKind
{
    private const string Database = "telemetry";
    private const string DuplicateDatabase = "42P04";
    private static readonly TimeSpan s_stalePatience = TimeSpan.FromSeconds(8);

    private readonly string _folder = context.State.Sub("postgres");

    private string Data => Path.Combine(_folder, "data");

    public async Task<ChildCommand> PrepareAsync(CancellationToken cancellationToken)
    {
        var binaries = PostgresBinaries.Find(repositoryRoot);
        var account = PostgresAccount.For(Data, Path.Combine(Path.GetFullPath(binaries), "postgres"));
        if (!File.Exists(Path.Combine(Data, "PG_VERSION")))
        {
            await InitialiseAsync(binaries, account, cancellationToken);
        }

        await ClearStaleAsync(cancellationToken);
        var command = account.Wrap(
        [
            Path.Combine(binaries, "postgres"), "-D", Data, "-c", "listen_addresses=127.0.0.1",
            "-c", string.Create(CultureInfo.InvariantCulture, $"port={context.Port(resource, Topology.Tcp)}"),
            "-c", "unix_socket_directories=", "-c", "max_connections=200", "-c", "log_min_messages=warning", "-c", "log_timezone=UTC",
            "-c", "timezone=UTC", "-c", "shared_buffers=64MB",
        ]);
        return new ChildCommand(command[0], [.. command.Skip(1)], new Dictionary<string, string>(), "/", Supervised: true);
    }

    public async Task<bool> IsHealthyAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync("SELECT 1", cancellationToken);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync($"CREATE DATABASE {Database}", cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == DuplicateDatabase)
        {
            // Made by an earlier start.
        }
    }

    public int? WorkingProcessId()
    {
        try
        {
            // "4711\n/path/data\n..."
            return File.ReadLines(Path.Combine(Data, "postmaster.pid")).FirstOrDefault() is { } line
                && int.TryParse(line, CultureInfo.InvariantCulture, out var id) ? id : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private async Task InitialiseAsync(string binaries, PostgresAccount account, CancellationToken cancellationToken)
    {
        // Whatever is there is half of an initialisation that was cut short.
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }

        Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var passwordFile = Path.Combine(_folder, "password");
        StateFolder.WriteAtomically(passwordFile, System.Text.Encoding.ASCII.GetBytes(password));
        await account.OwnAsync(passwordFile, cancellationToken);
        await account.OwnAsync(_folder, cancellationToken);
        var making = Path.Combine(_folder, "making");
        await PostgresAccount.RunAsync(
            account.Wrap([
                Path.Combine(binaries, "initdb"), "-D", making, "-U", "telemetry", "-A", "scram-sha-256", "--pwfile", passwordFile,
                "-E", "UTF8", "--locale=C",
            ]),
            cancellationToken);
        File.Delete(passwordFile);
        Directory.Move(making, Data);
    }

    /// <summary>A server whose engine died may still be stopping, or its supervisor was killed: PostgreSQL would refuse to start beside it.</summary>
    private async Task ClearStaleAsync(CancellationToken cancellationToken)
    {
        if (WorkingProcessId() is not { } id || !IsServerOfThisData(id))
        {
            return;
        }

        var started = time.GetTimestamp();
        Signals.Send(id, Signals.Interrupt);
        while (IsServerOfThisData(id))
        {
            if (time.GetElapsedTime(started) > s_stalePatience)
            {
                Signals.Send(id, Signals.Kill);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), time, cancellationToken);
        }
    }

    private bool IsServerOfThisData(int id)
    {
        if (Signals.StartOf(id) is null)
        {
            return false;
        }

        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/cmdline")).Contains(Data, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(context.PostgresConnection(resource, "postgres") + ";Pooling=false;Timeout=3");
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
