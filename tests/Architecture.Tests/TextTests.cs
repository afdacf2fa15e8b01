using System.Text.RegularExpressions;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.Architecture.Tests;

/// <summary>What no file of the repository may say.</summary>
public sealed partial class TextTests
{
    [Fact]
    public void Files_LeaveNothingForLater() => Assert.Empty(LinesWith(Later()));

    [Fact]
    public void Files_NameNoPlaceOfTheMachineTheyWereWrittenOn() => Assert.Empty(LinesWith(Machine()));

    private static IEnumerable<string> LinesWith(Regex pattern) => TrackedFiles.All("*")
        .Where(f => Path.GetFileName(f) is not ("package-lock.json" or "TextTests.cs"))
        .SelectMany(f => File.ReadLines(f).Select((line, i) => (line, At: $"{Path.GetRelativePath(Repository.Root, f)}:{i + 1}")))
        .Where(l => pattern.IsMatch(l.line))
        .Select(l => $"{l.At}: {l.line.Trim()}");

    [GeneratedRegex(@"\b(TODO|FIXME)\b")]
    private static partial Regex Later();

    // A path in a URL or below another folder is no place of a machine.
    [GeneratedRegex(@"(?<![\w.\-/~}])/(work|root)/|(?<![\w.\-/~}])/home/\w")]
    private static partial Regex Machine();
}
