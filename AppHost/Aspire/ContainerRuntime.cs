using System.ComponentModel;
using System.Diagnostics;

namespace StellaOps.Telemetry.AppHost.Aspire;

/// <summary>Whether containers can be started here. Aspire itself would wait for ever for one that cannot.</summary>
internal static class ContainerRuntime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    public static async Task<bool> AnswersAsync(CancellationToken cancellationToken) =>
        await AnswersAsync("docker", cancellationToken) || await AnswersAsync("podman", cancellationToken);

    private static async Task<bool> AnswersAsync(string program, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(s_patience);
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, "info") { RedirectStandardOutput = true, RedirectStandardError = true });
            if (process is null)
            {
                return false;
            }

            await Task.WhenAll(
                process.StandardOutput.ReadToEndAsync(timeout.Token),
                process.StandardError.ReadToEndAsync(timeout.Token),
                process.WaitForExitAsync(timeout.Token));
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
