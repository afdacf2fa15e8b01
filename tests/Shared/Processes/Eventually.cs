using System.Diagnostics;
using Xunit;

namespace StellaOps.Telemetry.Tests.Shared.Processes;

/// <summary>Waits for a condition, with one deadline.</summary>
public static class Eventually
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits until the condition holds; fails the test, naming <paramref name="what"/>, when it does not in time.</summary>
    public static async Task HoldsAsync(Func<Task<bool>> condition, TimeSpan within, string what)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(watch.Elapsed < within, $"not within {within.TotalSeconds:0.###} s: {what}");
            await Task.Delay(s_poll);
        }
    }

    /// <inheritdoc cref="HoldsAsync(Func{Task{bool}}, TimeSpan, string)"/>
    public static Task HoldsAsync(Func<bool> condition, TimeSpan within, string what) => HoldsAsync(() => Task.FromResult(condition()), within, what);
}
