using Spectre.Console;

namespace StellaOps.Telemetry.Cli;

/// <summary>All that a command knows of the world around it, so that tests can give it another one.</summary>
internal sealed class CliHost
{
    /// <summary>Data: what a pipe reads.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Everything for human eyes when data goes to <see cref="Out"/>, and every error.</summary>
    public required TextWriter Error { get; init; }

    public required string WorkingDirectory { get; init; }

    public required Func<string, string?> GetEnvironmentVariable { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Whether a person watches <see cref="Error"/>: progress bars instead of plain lines.</summary>
    public bool IsInteractive { get; init; }

    /// <summary>Whether <see cref="Out"/> may carry colours.</summary>
    public bool HasColours { get; init; }

    /// <summary>Asks a person for a secret that is not shown; null where there is nobody to ask.</summary>
    public Func<string, string?> ReadSecret { get; init; } = _ => null;

    /// <summary>What every HTTP client is made on.</summary>
    public Func<HttpMessageHandler> CreateHandler { get; init; } = () => new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5) };

    /// <summary>A console over <see cref="Error"/>, for progress bars.</summary>
    public IAnsiConsole ErrorConsole() => AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Error) });

    /// <summary>The process's own surroundings.</summary>
    public static CliHost FromProcess() => new()
    {
        Out = Console.Out,
        Error = Console.Error,
        WorkingDirectory = Directory.GetCurrentDirectory(),
        GetEnvironmentVariable = Environment.GetEnvironmentVariable,
        IsInteractive = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("CI") is null,
        HasColours = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null,
        ReadSecret = prompt => Console.IsInputRedirected || Console.IsErrorRedirected ? null : TerminalSecret.Read(prompt),
    };
}
