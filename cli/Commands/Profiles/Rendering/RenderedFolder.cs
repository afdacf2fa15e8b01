using StellaOps.Telemetry.Profiles.Rendering;

namespace StellaOps.Telemetry.Cli.Commands.Profiles.Rendering;

/// <summary>A folder of rendered files. It holds what one profile renders to, and nothing that an earlier one left.</summary>
/// <param name="isWhole">Whether the files are all that there are: then what is left over is wrong.</param>
internal sealed class RenderedFolder(string folder, IReadOnlyList<RenderedFile> files, bool isWhole)
{
    public const string Same = "same";

    /// <summary>Compares; changes nothing.</summary>
    public IReadOnlyList<RenderedFileReport> Verify() =>
    [
        .. files.Select(f => RenderedFileReport.Of(f, StateOf(f))),
        .. LeftOver().Select(name => new RenderedFileReport(name, null, null, null, "left over", null)),
    ];

    /// <summary>Makes it so.</summary>
    public IReadOnlyList<RenderedFileReport> Write()
    {
        Directory.CreateDirectory(folder);
        var reports = files.Select(f => RenderedFileReport.Of(f, StateOf(f) == Same ? Same : "written")).ToList();
        foreach (var file in files)
        {
            File.WriteAllBytes(Path.Combine(folder, file.Name), file.Content);
        }

        foreach (var name in LeftOver())
        {
            File.Delete(Path.Combine(folder, name));
            reports.Add(new RenderedFileReport(name, null, null, null, "removed", null));
        }

        return reports;
    }

    private string StateOf(RenderedFile file)
    {
        var path = Path.Combine(folder, file.Name);
        return !File.Exists(path) ? "missing" : File.ReadAllBytes(path).AsSpan().SequenceEqual(file.Content) ? Same : "differs";
    }

    /// <summary>Only what a profile could render to: a folder may hold more.</summary>
    private List<string> LeftOver() => isWhole
        ? [.. ProfileRenderer.FileNames.Where(n => files.All(f => f.Name != n) && File.Exists(Path.Combine(folder, n)))]
        : [];
}
