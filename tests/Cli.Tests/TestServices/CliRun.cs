using System.Globalization;

namespace StellaOps.Telemetry.Cli.Tests.TestServices;

/// <summary>The command line run in this process, with surroundings of its own.</summary>
internal sealed class CliRun
{
    private readonly StringWriter _out = new(CultureInfo.InvariantCulture);
    private readonly StringWriter _error = new(CultureInfo.InvariantCulture);

    public Dictionary<string, string> Environment { get; } = [];

    public string WorkingDirectory { get; init; } = Path.GetTempPath();

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public string Out => _out.ToString();

    public string Error => _error.ToString();

    public Task<int> RunAsync(params string[] args) => StellaCli.RunAsync(
        args,
        new CliHost
        {
            Out = _out,
            Error = _error,
            WorkingDirectory = WorkingDirectory,
            GetEnvironmentVariable = name => Environment.GetValueOrDefault(name),
            Time = Time,
        },
        CancellationToken.None);
}
