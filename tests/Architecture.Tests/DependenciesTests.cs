using System.Xml.Linq;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.Architecture.Tests;

/// <summary><c>docs/dependencies.md</c> against what projects reference and <c>Directory.Packages.props</c> pins.</summary>
public sealed class DependenciesTests
{
    [Fact]
    public void Tables_NameEveryReferencedPackageOnceAndNoOther() =>
        Assert.Equal(Referenced(), [.. Named("## Runtime").Concat(Named("## Build and tests")).Order(StringComparer.Ordinal)]);

    [Fact]
    public void TableOfPins_NamesWhatIsPinnedAndNotReferenced() =>
        Assert.Equal(Pinned().Except(Referenced()), Named("## Pinned, referenced by no project").Order(StringComparer.Ordinal));

    private static List<string> Referenced() => [.. TrackedFiles.All("*.csproj", "*.props", "*.targets")
        .SelectMany(f => XDocument.Load(f).Descendants("PackageReference").Select(r => r.Attribute("Include")!.Value))
        .Distinct().Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Pinned() => XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props"))
        .Descendants("PackageVersion").Select(v => v.Attribute("Include")!.Value).Order(StringComparer.Ordinal);

    /// <summary>The first cells of the rows of a section's table.</summary>
    private static IEnumerable<string> Named(string section) => File.ReadLines(Path.Combine(Repository.Root, "docs", "dependencies.md"))
        .SkipWhile(l => l != section).Skip(1).TakeWhile(l => !l.StartsWith("## ", StringComparison.Ordinal))
        .Where(l => l.StartsWith("| ", StringComparison.Ordinal) && !l.StartsWith("| package |", StringComparison.Ordinal))
        .SelectMany(l => l.Split('|')[1].Split(',', StringSplitOptions.TrimEntries));
}
