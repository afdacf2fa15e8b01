using System.Collections;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.Tests.Shared.Stack;

/// <summary>Another process of a service of a running stack, beside the one that AppHost started or in its place.</summary>
public sealed class SiblingProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_startTimeout = TimeSpan.FromSeconds(30);
    private readonly Process _process;
    private readonly LastLines _output = new(200);

    private SiblingProcess(ProcessStartInfo start, Uri url)
    {
        Url = url;
        _process = new Process { StartInfo = start };
        _output.Start(_process);
    }

    /// <summary>Its API.</summary>
    public Uri Url { get; }

    /// <summary>Of the operating system.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Starts it and waits until it is healthy. It ends with this process.</summary>
    /// <param name="project">The last part of the project's name.</param>
    /// <param name="environment">What AppHost gave the first one: <see cref="EnvironmentOf"/>.</param>
    /// <param name="changes">What is different.</param>
    public static async Task<SiblingProcess> StartAsync(
        string project,
        IReadOnlyDictionary<string, string> environment,
        IReadOnlyDictionary<string, string> changes,
        CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet", [BuiltProgram.Find(project)]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Clear();
        foreach (var (name, value) in environment.Concat(changes))
        {
            start.Environment[name] = value;
        }

        start.Environment[KnownEnvironment.ParentProcessId] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        var process = new SiblingProcess(start, new Uri(start.Environment[KnownEnvironment.AspNetCoreUrls]!));
        try
        {
            using var http = new HttpClient { BaseAddress = process.Url };
            await Eventually.HoldsAsync(() => process.IsHealthyAsync(http, cancellationToken), s_startTimeout, $"the other {project} is healthy");
            return process;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>The environment that a process was started with.</summary>
    public static IReadOnlyDictionary<string, string> EnvironmentOf(int processId) =>
        Encoding.UTF8.GetString(File.ReadAllBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/environ")))
            .Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);

    /// <summary>The environment of this process, without settings of services: for one that no AppHost started.</summary>
    public static Dictionary<string, string> OwnEnvironment() => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
        .Where(e => !((string)e.Key).Contains("__", StringComparison.Ordinal))
        .ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "", StringComparer.Ordinal);

    /// <summary>A loopback address where nobody listens just now.</summary>
    public static Uri NewUrl() => new($"http://127.0.0.1:{FreePort.Next()}/");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private async Task<bool> IsHealthyAsync(HttpClient http, CancellationToken cancellationToken)
    {
        if (_process.HasExited)
        {
            throw new InvalidOperationException($"it ended with {_process.ExitCode}:\n{_output}");
        }

        try
        {
            using var response = await http.GetAsync("health", cancellationToken);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
