using System.Diagnostics.CodeAnalysis;
using Xunit;

namespace StellaOps.Telemetry.Tests.Shared.Processes;

/// <summary>A missing dependency skips a test on a laptop and fails it where <c>CI=true</c>.</summary>
public static class Dependency
{
    [DoesNotReturn]
    public static void Missing(string what)
    {
        if (string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase))
        {
            Assert.Fail($"{what} is missing");
        }

        Assert.Skip($"{what} is missing");
    }
}
