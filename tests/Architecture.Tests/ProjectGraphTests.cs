using System.Xml.Linq;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.Architecture.Tests;

/// <summary>Which room may reference which: any other arrow fails here.</summary>
public sealed class ProjectGraphTests
{
    private static readonly string s_root = Repository.Root;

    // A room not named here is new, and has to be given its arrows.
    private static readonly Dictionary<string, string[]> s_allowed = new()
    {
        ["AppHost"] = ["libs/Contracts", "libs/Evidence", "services/*"],
        ["ServiceDefaults"] = ["libs/Contracts", "libs/Egress"],
        ["cli"] = ["libs/Contracts", "libs/Clients", "libs/Evidence", "libs/Profiles", "libs/Archive", "libs/Otlp", "libs/Redaction", "libs/Replay", "libs/Egress"],
        ["services/redis"] = [],
        ["services/profile-service"] = ["ServiceDefaults", "libs/*"],
        ["services/incident-service"] = ["ServiceDefaults", "libs/*"],
        ["services/capture-worker"] = ["ServiceDefaults", "libs/*"],
        ["services/ingest-gateway"] = ["ServiceDefaults", "libs/*"],
        ["libs/Contracts"] = [],
        ["libs/OpAmp"] = [],
        ["libs/Otlp"] = [],
        ["libs/Otlp.Model"] = [],
        ["libs/Redaction"] = ["libs/Otlp"],
        ["libs/Clients"] = ["libs/Contracts"],
        ["libs/Evidence"] = ["libs/Contracts"],
        ["libs/IncidentSampling"] = ["libs/Contracts"],
        ["libs/Archive"] = ["libs/Contracts", "libs/Otlp", "libs/Evidence"],
        ["libs/Replay"] = ["libs/Contracts", "libs/Otlp", "libs/Evidence"],
        ["libs/Egress"] = [],
        ["libs/SiteProfile"] = ["libs/Contracts", "libs/Egress", "libs/Profiles"],
        ["libs/Profiles"] = ["libs/Contracts", "libs/Egress", "libs/Evidence", "libs/Redaction"],
    };

    [Fact]
    public void Projects_ReferenceOnlyWhatTheirRoomMay()
    {
        var wrong = new List<string>();
        foreach (var project in Projects().Where(IsProduct))
        {
            var room = Path.GetDirectoryName(project)!;
            if (!s_allowed.TryGetValue(room, out var allowed))
            {
                wrong.Add($"{room} has no arrows in this test");
                continue;
            }

            wrong.AddRange(References(project).Where(r => !allowed.Any(a => Matches(a, r))).Select(r => $"{room} -> {r}"));
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void HotPaths_DoNotReferenceGeneratedProtobuf() => Assert.DoesNotContain(
        Projects().Where(IsProduct),
        p => References(p).Contains("libs/Otlp.Model"));

    [Fact]
    public void EveryProject_IsInTheSolution()
    {
        var solution = File.ReadAllText(Path.Combine(s_root, "StellaOps.Telemetry.Aspire.sln"));
        Assert.DoesNotContain(Projects(), p => !solution.Contains(p.Replace('/', '\\'), StringComparison.Ordinal));
    }

    [Fact]
    public void SourceFiles_StayShort() => Assert.DoesNotContain(Sources(), f => File.ReadLines(f).Count() > 800);

    [Fact]
    public void Programs_AreTablesOfContents() => Assert.DoesNotContain(
        Sources().Where(f => Path.GetFileName(f) == "Program.cs"),
        f => File.ReadLines(f).Count() > 60 || File.ReadLines(f).Any(l => l.TrimStart().StartsWith("if (", StringComparison.Ordinal)));

    /// <summary>Tests and benchmarks may reference what they are about.</summary>
    private static bool IsProduct(string project) =>
        !project.StartsWith("tests/", StringComparison.Ordinal) && !project.StartsWith("benchmarks/", StringComparison.Ordinal);

    private static bool Matches(string pattern, string room) =>
        pattern.EndsWith("/*", StringComparison.Ordinal) ? room.StartsWith(pattern[..^1], StringComparison.Ordinal) : pattern == room;

    private static IEnumerable<string> References(string project)
    {
        var folder = Path.GetDirectoryName(Path.Combine(s_root, project))!;
        return XDocument.Load(Path.Combine(s_root, project)).Descendants("ProjectReference")
            .Select(r => Path.GetRelativePath(s_root, Path.GetDirectoryName(Path.GetFullPath(Path.Combine(folder, r.Attribute("Include")!.Value)))!));
    }

    private static IEnumerable<string> Projects() => TrackedFiles.All("*.csproj").Select(f => Path.GetRelativePath(s_root, f));

    private static IEnumerable<string> Sources() => TrackedFiles.All("*.cs");
}
