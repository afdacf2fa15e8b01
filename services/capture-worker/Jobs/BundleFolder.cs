using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using StellaOps.Telemetry.Contracts.Captures;

namespace StellaOps.Telemetry.CaptureWorker.Jobs;

/// <summary>Finished bundles, each in a folder named by its job, and the folders in which they come to be.</summary>
internal sealed class BundleFolder
{
    private const string WorkFolder = ".work";
    private readonly string _root;

    public BundleFolder(IOptions<CaptureOptions> options)
    {
        _root = Path.GetFullPath(options.Value.BundlePath);
    }

    /// <summary>A file of a finished bundle; null when there is none.</summary>
    /// <param name="jobId">An id of ours.</param>
    /// <param name="name">A name that the job lists.</param>
    public string? FindFile(string jobId, string name)
    {
        var path = Path.Combine(_root, jobId, name);
        return name == Path.GetFileName(name) && File.Exists(path) ? path : null;
    }

    /// <summary>A new, empty folder for one attempt of a job; what an earlier attempt of the same number left is removed.</summary>
    public string CreateWork(CaptureJob job)
    {
        var path = Path.Combine(_root, WorkFolder, $"{job.Id}-{job.Attempt}");
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }

        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    /// <summary>Removes what all attempts of a job left half done. Call it only once no other attempt can be under way.</summary>
    public void CleanWork(string jobId)
    {
        var work = Path.Combine(_root, WorkFolder);
        if (!Directory.Exists(work))
        {
            return;
        }

        foreach (var folder in Directory.EnumerateDirectories(work, jobId + "-*"))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Moves a complete bundle into place at once. One that an attempt left there before its job was ended is replaced.</summary>
    public void Publish(string jobId, string folder)
    {
        var target = Path.Combine(_root, jobId);
        if (Directory.Exists(target))
        {
            Directory.Delete(target, recursive: true);
        }

        Directory.Move(folder, target);
    }

    /// <summary>Names, sizes and digests of a folder's files, by name.</summary>
    public static async Task<IReadOnlyList<CaptureFile>> DescribeAsync(string folder, CancellationToken cancellationToken)
    {
        var files = new List<CaptureFile>();
        foreach (var path in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
        {
            await using var file = File.OpenRead(path);
            var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
            files.Add(new CaptureFile(Path.GetFileName(path), file.Length, hash));
        }

        return files;
    }
}
