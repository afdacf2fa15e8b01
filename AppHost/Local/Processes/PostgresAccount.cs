using System.Diagnostics;

namespace StellaOps.Telemetry.AppHost.Local.Processes;

/// <summary>PostgreSQL refuses to run as root: started by root, it runs as another account.</summary>
internal sealed class PostgresAccount
{
    private static readonly string[] s_candidates = ["postgres", "nobody"];
    private readonly string? _name;
    private readonly bool _passesEverywhere;

    private PostgresAccount(string? name, bool passesEverywhere)
    {
        _name = name;
        _passesEverywhere = passesEverywhere;
    }

    /// <summary>Chooses the account. Where it cannot pass the folders above its data (a checkout under /root), it keeps the capability to.</summary>
    /// <exception cref="LocalEngineException">There is none.</exception>
    public static PostgresAccount For(params IEnumerable<string> paths)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return new PostgresAccount(null, passesEverywhere: true);
        }

        var name = s_candidates.FirstOrDefault(a => File.ReadLines("/etc/passwd").Any(l => l.StartsWith(a + ":", StringComparison.Ordinal)))
            ?? throw new LocalEngineException("PostgreSQL does not run as root and there is neither an account 'postgres' nor 'nobody': start the stack as an ordinary user");
        return new PostgresAccount(name, paths.All(IsPassable));
    }

    /// <summary>The command, run as that account.</summary>
    public IReadOnlyList<string> Wrap(IReadOnlyList<string> command) => _name is null ? command :
    [
        "setpriv", $"--reuid={_name}", "--clear-groups",
        .. _passesEverywhere ? (string[])[] : ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"],
        "--", .. command,
    ];

    /// <summary>Gives it a folder or file.</summary>
    public async Task OwnAsync(string path, CancellationToken cancellationToken)
    {
        if (_name is not null)
        {
            await RunAsync(["chown", _name, path], cancellationToken);
        }
    }

    /// <summary>Runs a command to its end.</summary>
    /// <exception cref="LocalEngineException">It failed.</exception>
    public static async Task RunAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        })!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            var said = (await error + await output).Trim().ReplaceLineEndings("; ");
            throw new LocalEngineException($"'{Path.GetFileName(command[0])}' failed: {said}");
        }
    }

    private static bool IsPassable(string path)
    {
        for (var folder = new DirectoryInfo(Path.GetDirectoryName(path)!); folder is not null; folder = folder.Parent)
        {
            if ((folder.UnixFileMode & UnixFileMode.OtherExecute) == 0)
            {
                return false;
            }
        }

        return true;
    }
}
