using System.CommandLine;
using System.Net;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.Cli;

/// <summary>A command: its arguments, its examples, and the one place where failures become exit codes.</summary>
internal abstract class StellaCommand : Command
{
    private readonly CliHost _host;

    protected StellaCommand(CliHost host, string name, string description)
        : base(name, description)
    {
        _host = host;
        SetAction(InvokeAsync);
    }

    /// <summary>Command lines that work as they stand, shown by --help.</summary>
    public abstract IReadOnlyList<string> Examples { get; }

    protected abstract Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken);

    private async Task<int> InvokeAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        try
        {
            return await RunAsync(new CommandContext(_host, arguments), cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _host.Error.WriteLine("stopped");
            return CliExitCodes.Interrupted;
        }
        catch (CliException e)
        {
            return Fail(e.ExitCode, e.Message, e.Fix);
        }
        catch (ApiException e)
        {
            return Fail(ExitCodeOf(e), e.Message, FixOf(e));
        }
        catch (HttpRequestException e)
        {
            return Fail(CliExitCodes.Unreachable, e.Message, "see 'stella telemetry status' for what runs, and the service's log");
        }
        catch (TaskCanceledException e)
        {
            return Fail(CliExitCodes.Unreachable, $"no answer in time: {e.Message}", "try again; see the service's log when it stays so");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail(CliExitCodes.Failed, e.Message, null);
        }
    }

    private static int ExitCodeOf(ApiException e) => (int)e.Status switch
    {
        _ when e.Type == KnownProblems.Tampered => CliExitCodes.VerificationFailed,
        401 or 403 => CliExitCodes.NotAllowed,
        400 or 422 => CliExitCodes.WrongUsage,
        502 or 503 or 504 => CliExitCodes.Unreachable,
        _ => CliExitCodes.Failed,
    };

    private static string? FixOf(ApiException e) => e.Status switch
    {
        _ when e.Type == KnownProblems.Tampered => "somebody changed signed bytes in the service's database: compare it with a backup (event 1110 in docs/rollouts.md)",
        HttpStatusCode.Unauthorized => "the token is expired or not of this stack's issuer: get a new one (stella telemetry token)",
        HttpStatusCode.Forbidden => "the token lacks the scope or the tenant: stella telemetry token --scope ... --tenant ...",
        _ => null,
    };

    private int Fail(int exitCode, string message, string? fix)
    {
        _host.Error.WriteLine($"error: {message}");
        if (fix is not null)
        {
            _host.Error.WriteLine($"  fix: {fix}");
        }

        return exitCode;
    }
}
