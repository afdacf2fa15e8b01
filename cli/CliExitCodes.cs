namespace StellaOps.Telemetry.Cli;

/// <summary>The one table of exit codes (contracts.md, The command line).</summary>
internal static class CliExitCodes
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongUsage = 2;
    public const int VerificationFailed = 3;
    public const int NotAllowed = 4;
    public const int Unreachable = 5;

    /// <summary>Stopped by Ctrl-C, as shells count it: 128 + SIGINT.</summary>
    public const int Interrupted = 130;
}
