using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace StellaOps.Telemetry.ProfileService.FunctionalTests.TestServices;

/// <summary>Keeps what is logged under an event id.</summary>
internal sealed class RecordedLog : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<(int Id, LogLevel Level, string Text)> _records = new();

    public ILogger CreateLogger(string categoryName) => this;

    /// <summary>The texts of one event that speak of something.</summary>
    public IEnumerable<string> Of(int eventId, string about) => _records.Where(r => r.Id == eventId && r.Text.Contains(about, StringComparison.Ordinal)).Select(r => r.Text);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (eventId.Id is >= 1100 and < 1200)
        {
            _records.Enqueue((eventId.Id, logLevel, formatter(state, exception)));
        }
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Dispose()
    {
    }
}
