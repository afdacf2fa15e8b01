using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;

/// <summary>What was logged, for tests of single events.</summary>
internal sealed class CollectedLogs : ILoggerProvider
{
    private readonly ConcurrentQueue<CollectedLog> _all = new();

    /// <summary>The lines of one event, oldest first.</summary>
    public IReadOnlyList<CollectedLog> Of(int eventId) => [.. _all.Where(l => l.EventId == eventId)];

    public ILogger CreateLogger(string categoryName) => new Collector(_all);

    public void Dispose()
    {
    }

    private sealed class Collector(ConcurrentQueue<CollectedLog> all) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            all.Enqueue(new CollectedLog(logLevel, eventId.Id, formatter(state, exception)));
    }
}

internal sealed record CollectedLog(LogLevel Level, int EventId, string Text);
