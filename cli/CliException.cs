namespace StellaOps.Telemetry.Cli;

/// <summary>Ends a command with an exit code; says what went wrong and how to mend it.</summary>
internal sealed class CliException(int exitCode, string message, string? fix = null, Exception? inner = null) : Exception(message, inner)
{
    public int ExitCode { get; } = exitCode;

    /// <summary>What the user can do about it.</summary>
    public string? Fix { get; } = fix;

    public static CliException Usage(string message, string? fix = null) => new(CliExitCodes.WrongUsage, message, fix);
}
