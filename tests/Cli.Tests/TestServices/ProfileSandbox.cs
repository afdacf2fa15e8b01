namespace StellaOps.Telemetry.Cli.Tests.TestServices;

/// <summary>A folder with a profiles folder in it.</summary>
internal sealed class ProfileSandbox : IDisposable
{
    public const string Base = """
        apiVersion: telemetry.stella-ops.org/v1
        kind: Profile
        metadata: { name: base, description: For everybody }
        spec:
          environment: development
          redaction: plain
          durability: write
          sampling: { policies: [{ name: all, type: always_sample }] }
        """;

    public const string Child = """
        apiVersion: telemetry.stella-ops.org/v1
        kind: Profile
        metadata: { name: child }
        extends: base
        spec: { recorder: { max_age: 20m } }
        """;

    public const string Overlay = """
        apiVersion: telemetry.stella-ops.org/v1
        kind: ProfileOverlay
        metadata: { name: child }
        spec: { durability: fsync, storage: { loki: { retention: 30d } } }
        """;

    public const string Policy = """
        apiVersion: telemetry.stella-ops.org/v1
        kind: RedactionPolicy
        metadata: { name: plain }
        spec: { blocked_values: [{ rule: email, action: mask, class: email }] }
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stella-profiles-");

    public ProfileSandbox()
    {
        Write("base.yaml", Base);
        Write("child.yaml", Child);
        Write("overlays/prod/child.yaml", Overlay);
        Write("redaction/plain.yaml", Policy);
    }

    public string Folder => _folder.FullName;

    public CliRun Run() => new() { WorkingDirectory = Folder };

    public void Write(string path, string text)
    {
        var file = Path.Combine(Folder, "profiles", path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
