using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using StellaOps.Telemetry.Contracts.Captures;
using StellaOps.Telemetry.Evidence.Files;

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
        var path = WorkOf(job.Id, job.Attempt);
        Delete(path);
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    /// <summary>Removes what one attempt left half done.</summary>
    public void RemoveWork(CaptureJob job) => TryDelete(WorkOf(job.Id, job.Attempt));

    /// <summary>The attempts of which something is there.</summary>
    public IReadOnlyList<(string Id, int Attempt)> ListWork()
    {
        var work = Path.Combine(_root, WorkFolder);
        return Directory.Exists(work)
            ? [.. Directory.EnumerateDirectories(work).Select(d => Path.GetFileName(d)).Select(Parse).OfType<(string, int)>()]
            : [];

        static (string, int)? Parse(string name) =>
            name.LastIndexOf('-') is > 0 and var dash && int.TryParse(name.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var attempt)
                ? (name[..dash], attempt)
                : null;
    }

    /// <summary>Removes what an attempt left that nobody is at any more; false when it cannot be removed now.</summary>
    public bool RemoveWork(string jobId, int attempt) => TryDelete(WorkOf(jobId, attempt));

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
            TryDelete(folder);
        }
    }

    /// <summary>Moves a complete bundle into place at once. One that an attempt left there before its job was ended is replaced.</summary>
    public void Publish(string jobId, string folder)
    {
        var target = Path.Combine(_root, jobId);
        Delete(target);
        Directory.Move(folder, target);
        DirectorySync.Flush(_root);
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

    private static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Nothing to delete, or a worker that lost the job and ours cleaned up at the same time.
        }
    }

    /// <summary>What stays is the sweeper's: a job's outcome does not hang on tidiness.</summary>
    private static bool TryDelete(string folder)
    {
        try
        {
            Delete(folder);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private string WorkOf(string jobId, int attempt) => Path.Combine(_root, WorkFolder, string.Create(CultureInfo.InvariantCulture, $"{jobId}-{attempt}"));
}
