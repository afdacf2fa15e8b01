using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.Tests.Shared.Hosting;

/// <summary>A service under test: its real application in this process, on a random loopback port.</summary>
public sealed class RunningService : IAsyncDisposable
{
    private RunningService(WebApplication app, Uri url)
    {
        App = app;
        Url = url;
    }

    public WebApplication App { get; }

    public Uri Url { get; }

    /// <summary>Starts an application built with <see cref="Arguments"/>.</summary>
    public static async Task<RunningService> StartAsync(WebApplication app)
    {
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new RunningService(app, new Uri(address));
    }

    /// <summary>Command-line settings from names as in KnownEnvironment (<c>A__B</c>), with a random port to listen on.</summary>
    public static string[] Arguments(IReadOnlyDictionary<string, string> environment) =>
        [.. environment.Select(e => $"--{e.Key.Replace("__", ":", StringComparison.Ordinal)}={e.Value}"), "--urls=http://127.0.0.1:0"];

    /// <summary>A client that presents a token, or none.</summary>
    public HttpClient Client(string? token = null)
    {
        var client = new HttpClient { BaseAddress = Url, Timeout = TimeSpan.FromSeconds(60) };
        if (token is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return client;
    }

    /// <summary>Waits until <c>/health</c> is good.</summary>
    public async Task ReadyAsync()
    {
        using var client = Client();
        var answer = "";
        await Eventually.HoldsAsync(
            async () =>
            {
                using var response = await client.GetAsync("/health");
                answer = await response.Content.ReadAsStringAsync();
                return response.IsSuccessStatusCode;
            },
            TimeSpan.FromSeconds(30),
            $"{Url} is ready; it says {answer}");
    }

    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await App.StopAsync(patience.Token);
        await App.DisposeAsync();
    }
}
