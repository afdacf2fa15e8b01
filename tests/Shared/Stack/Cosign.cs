namespace StellaOps.Telemetry.Tests.Shared.Stack;

/// <summary>A stock cosign, as <c>eng/tools.sh cosign</c> fetched it or as it stands on the PATH.</summary>
public sealed class Cosign
{
    private const string EmptyTrustedRoot = """{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}""";

    // Where nobody listens: a cosign that asked the network would fail.
    private static readonly Dictionary<string, string> s_noNetwork = new() { ["HTTP_PROXY"] = "http://127.0.0.1:9", ["HTTPS_PROXY"] = "http://127.0.0.1:9" };
    private readonly string _path;

    private Cosign(string path)
    {
        _path = path;
    }

    /// <summary>Every cosign there is on this machine.</summary>
    public static IReadOnlyList<Cosign> FindAll() =>
        [.. new[] { "cosign2", "cosign3", "cosign" }.Select(ExternalTool.Find).OfType<string>().Select(p => new Cosign(p))];

    /// <summary>One of them. Without it the test is skipped on a laptop and fails in CI.</summary>
    /// <param name="name">As <c>eng/tools.sh</c> names it.</param>
    public static Cosign Require(string name) => new(ExternalTool.Require(name));

    /// <summary>The program.</summary>
    public string Path => _path;

    /// <inheritdoc/>
    public override string ToString() => System.IO.Path.GetFileName(_path) switch
    {
        "cosign2" => "cosign 2.5",
        "cosign3" => "cosign 3",
        var other => other,
    };

    /// <summary>Whether it verifies, without a network, the plain signature of every part, and the attestation over every part and the provenance.</summary>
    public async Task<bool> VerifiesAsync(CapturedBundle bundle, string publicKey)
    {
        var root = bundle.Folder.TrimEnd('/') + ".trusted-root.json";
        await File.WriteAllTextAsync(root, EmptyTrustedRoot);
        foreach (var archive in bundle.Archives)
        {
            if (!await SucceedsAsync("verify-blob", "--key", publicKey, "--signature", archive + ".sig", "--insecure-ignore-tlog", archive))
            {
                return false;
            }
        }

        var help = await ExternalTool.RunAsync(_path, ["verify-blob-attestation", "--help"]);
        string[] format = help.Output.Contains("--new-bundle-format", StringComparison.Ordinal) ? ["--new-bundle-format"] : [];
        foreach (var subject in bundle.Archives.Append(bundle.Provenance))
        {
            if (!await SucceedsAsync(
                ["verify-blob-attestation", "--key", publicKey, "--bundle", bundle.Attestation, .. format, "--trusted-root", root, "--insecure-ignore-tlog", "--type", "https://stella-ops.org/telemetry/bundle/v1", subject]))
            {
                return false;
            }
        }

        return true;
    }

    private async Task<bool> SucceedsAsync(params string[] arguments) => (await ExternalTool.RunAsync(_path, arguments, environment: s_noNetwork)).ExitCode == 0;
}
