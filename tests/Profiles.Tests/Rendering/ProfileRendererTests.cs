using System.Globalization;
using System.Text;
using StellaOps.Telemetry.Profiles.Hashing;
using StellaOps.Telemetry.Profiles.Rendering;
using StellaOps.Telemetry.Profiles.Resolving;
using StellaOps.Telemetry.Profiles.Tests.TestServices;

namespace StellaOps.Telemetry.Profiles.Tests.Rendering;

public sealed class ProfileRendererTests
{
    public static TheoryData<string, string?> Golden { get; } = new() { { "default", null }, { "default", "prod" }, { "forensic", null }, { "airgap", null } };

    [Theory]
    [MemberData(nameof(Golden))]
    public void Render_Shipped_IsTheGoldenFiles(string name, string? overlay)
    {
        var folder = Path.Combine(Documents.Folder, "rendered", overlay is null ? name : $"{name}.{overlay}");
        var files = Render(Documents.Shipped(name, overlay));

        var how = $"render again: stella telemetry profile render {name}{(overlay is null ? "" : $" --overlay {overlay}")} --to {folder}";
        Assert.True(files.Select(f => f.Name).SequenceEqual(Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)), how);
        Assert.All(files, f => Assert.Equal(File.ReadAllText(Path.Combine(folder, f.Name)), f.Text));
        Assert.All(files, f => Assert.True(File.ReadAllBytes(Path.Combine(folder, f.Name)).AsSpan().SequenceEqual(f.Content), how));
    }

    [Theory]
    [MemberData(nameof(Golden))]
    public void Render_TwiceAnywhere_IsTheSameBytes(string name, string? overlay)
    {
        var here = Digests(Documents.Shipped(name, overlay));

        var (culture, zone) = (CultureInfo.CurrentCulture, Environment.GetEnvironmentVariable("TZ"));
        var elsewhere = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        elsewhere.NumberFormat.NumberDecimalSeparator = ",";
        elsewhere.NumberFormat.NumberGroupSeparator = ".";
        elsewhere.NumberFormat.NegativeSign = "~";
        elsewhere.DateTimeFormat.DateSeparator = "!";
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = elsewhere;
            Environment.SetEnvironmentVariable("TZ", "Pacific/Kiritimati");
            TimeZoneInfo.ClearCachedData();

            Assert.Equal(here, Digests(Documents.Shipped(name, overlay)));
        }
        finally
        {
            CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = culture;
            Environment.SetEnvironmentVariable("TZ", zone);
            TimeZoneInfo.ClearCachedData();
        }
    }

    [Theory]
    [MemberData(nameof(Golden))]
    public void Render_EveryFile_IsPlainUtf8WithLineFeeds(string name, string? overlay) => Assert.All(Render(Documents.Shipped(name, overlay)), file =>
    {
        Assert.Contains(file.Name, ProfileRenderer.FileNames);
        Assert.DoesNotContain((byte)'\r', file.Content);
        Assert.NotEqual(0xef, file.Content[0]);
        Assert.Equal(file.Content, new UTF8Encoding(false, throwOnInvalidBytes: true).GetBytes(file.Text));
    });

    [Fact]
    public void Render_Gateway_HasTheHashThatGatewaysReport()
    {
        var resolution = Documents.Shipped("forensic");

        Assert.Equal(
            ProfileHash.Compute(resolution.Profile!, resolution.RedactionPolicyText),
            Render(resolution).Single(f => f.Name == ProfileRenderer.Gateway).Digest);
    }

    [Fact]
    public void Render_ProfileWithoutStoresAndEdge_IsTheGatewayAlone()
    {
        var profile = Documents.Shipped("default").Profile! with { Storage = null, Edge = null };

        Assert.Equal([ProfileRenderer.Gateway], ProfileRenderer.Render(profile, "").Select(f => f.Name));
    }

    [Fact]
    public void Render_AllSections_IsEveryFileInOrder() =>
        Assert.Equal(ProfileRenderer.FileNames, Render(Documents.Shipped("default", "prod")).Select(f => f.Name));

    private static IReadOnlyList<RenderedFile> Render(ProfileResolution resolution) => ProfileRenderer.Render(resolution.Profile!, resolution.RedactionPolicyText);

    private static IReadOnlyList<string> Digests(ProfileResolution resolution) => [.. Render(resolution).Select(f => $"{f.Name} {f.Digest}")];
}
