using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace StellaOps.Telemetry.Profiles.Signing;

/// <summary>Everything a receiver needs to judge and render a deployment by itself; not yet judged.</summary>
/// <param name="Closure">Bytes of a <see cref="ProfileClosure"/>.</param>
/// <param name="Author">The author's bundle.</param>
/// <param name="Approvals">Bundles of approvals, and of whoever broke the glass.</param>
/// <param name="Deployment">The rollout key's bundle.</param>
public sealed record DeploymentPackage(byte[] Closure, byte[] Author, IReadOnlyList<byte[]> Approvals, byte[] Deployment)
{
    /// <summary>Name of the closure's file.</summary>
    public const string ClosureFile = "closure.json";

    /// <summary>Name of the author's bundle.</summary>
    public const string AuthorFile = "author.sigstore.json";

    /// <summary>Name of the rollout key's bundle.</summary>
    public const string DeploymentFile = "deployment.sigstore.json";

    /// <summary>Name of an approval's bundle.</summary>
    /// <param name="number">From 1.</param>
    public static string ApprovalFile(int number) => string.Create(CultureInfo.InvariantCulture, $"approval-{number}.sigstore.json");

    /// <summary>As files, by name.</summary>
    public IReadOnlyDictionary<string, byte[]> ToFiles()
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal) { [ClosureFile] = Closure, [AuthorFile] = Author, [DeploymentFile] = Deployment };
        for (var i = 0; i < Approvals.Count; i++)
        {
            files.Add(ApprovalFile(i + 1), Approvals[i]);
        }

        return files;
    }

    /// <summary>Reads what <see cref="ToFiles"/> gives; false, and why, when a file is missing or one too many.</summary>
    public static bool TryFromFiles(IReadOnlyDictionary<string, byte[]> files, [NotNullWhen(true)] out DeploymentPackage? package, out string why)
    {
        package = null;
        foreach (var name in (string[])[ClosureFile, AuthorFile, DeploymentFile])
        {
            if (!files.ContainsKey(name))
            {
                why = $"there is no {name}";
                return false;
            }
        }

        var approvals = new List<byte[]>();
        while (files.TryGetValue(ApprovalFile(approvals.Count + 1), out var approval))
        {
            approvals.Add(approval);
        }

        var read = new DeploymentPackage(files[ClosureFile], files[AuthorFile], approvals, files[DeploymentFile]);
        if (files.Keys.FirstOrDefault(n => !read.ToFiles().ContainsKey(n)) is { } strange)
        {
            why = $"'{strange}' belongs to no deployment, or follows a gap";
            return false;
        }

        (package, why) = (read, "");
        return true;
    }
}
