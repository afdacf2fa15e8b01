using System.Runtime.CompilerServices;
using StellaOps.Telemetry.Evidence.Files;

namespace StellaOps.Telemetry.Archive.Objects;

/// <summary>Objects as files under one folder: written beside, flushed to the disk, renamed into place.</summary>
public sealed class FolderObjectStore : IObjectStore
{
    // Keys cannot begin with a dot, so no object can be mistaken for a half-written one.
    private const string TemporaryFolder = ".tmp";

    private readonly string _root;
    private readonly string _temporary;

    /// <summary>Opens, and makes when missing, the folder.</summary>
    public FolderObjectStore(string root)
        : this(root, isReadOnly: false)
    {
    }

    private FolderObjectStore(string root, bool isReadOnly)
    {
        _root = Path.GetFullPath(root);
        _temporary = Path.Combine(_root, TemporaryFolder);
        if (!isReadOnly)
        {
            Directory.CreateDirectory(_temporary);
            RemoveLeftovers();
        }
    }

    /// <summary>A folder that is only read, perhaps on a medium that cannot be written: nothing is made or removed in it.</summary>
    public static FolderObjectStore OpenForReading(string root) => new(root, isReadOnly: true);

    /// <inheritdoc/>
    public async Task PutAsync(string key, Stream content, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        var folder = Path.GetDirectoryName(path)!;
        var temporary = Path.Combine(_temporary, Guid.NewGuid().ToString("N"));
        try
        {
            var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.Asynchronous);
            await using (file.ConfigureAwait(false))
            {
                await content.CopyToAsync(file, 128 * 1024, cancellationToken).ConfigureAwait(false);
                file.Flush(flushToDisk: true);
            }

            CreateFolder(folder);
            File.Move(temporary, path, overwrite: true);
            DirectorySync.Flush(folder);
        }
        catch (Exception e)
        {
            File.Delete(temporary);
            if (e is UnauthorizedAccessException)
            {
                throw Refused(key, e);
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public Task<Stream> OpenReadAsync(string key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return Task.FromResult<Stream>(new FileStream(PathOf(key), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 64 * 1024, FileOptions.Asynchronous | FileOptions.SequentialScan));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ObjectNotFoundException(key, e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw Refused(key, e);
        }
    }

    /// <inheritdoc/>
    public Task<bool> ExistsAsync(string key, CancellationToken cancellationToken) => Task.FromResult(File.Exists(PathOf(key)));

    /// <inheritdoc/>
    public async IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        ObjectKey.ThrowIfInvalidPrefix(prefix);
        var slash = prefix.LastIndexOf('/');
        var folderKey = slash < 0 ? "" : prefix[..slash];

        foreach (var found in Walk(folderKey, prefix))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return found;
        }
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        try
        {
            File.Delete(path);
            DirectorySync.Flush(Path.GetDirectoryName(path)!);
        }
        catch (DirectoryNotFoundException)
        {
            // Nothing to delete.
        }
        catch (UnauthorizedAccessException e)
        {
            throw Refused(key, e);
        }

        return Task.CompletedTask;
    }

    private IEnumerable<ObjectInfo> Walk(string folderKey, string prefix)
    {
        var folder = new DirectoryInfo(folderKey.Length == 0 ? _root : Path.Combine(_root, folderKey));
        if (!folder.Exists)
        {
            yield break;
        }

        // A folder sorts as its name with the slash, as its objects' keys do.
        var entries = EntriesOf(folder, folderKey)
            .Where(e => !e.Name.StartsWith('.'))
            .Select(e => (Entry: e, Key: (folderKey.Length == 0 ? "" : folderKey + "/") + e.Name + (e is DirectoryInfo ? "/" : "")))
            .Where(e => e.Key.StartsWith(prefix, StringComparison.Ordinal) || (e.Entry is DirectoryInfo && prefix.StartsWith(e.Key, StringComparison.Ordinal)))
            .OrderBy(e => e.Key, StringComparer.Ordinal)
            .ToList();
        foreach (var (entry, key) in entries)
        {
            if (entry is FileInfo file)
            {
                if (file.Exists)
                {
                    yield return new ObjectInfo(key, file.Length);
                }
            }
            else
            {
                foreach (var found in Walk(key[..^1], prefix))
                {
                    yield return found;
                }
            }
        }
    }

    private static FileSystemInfo[] EntriesOf(DirectoryInfo folder, string folderKey)
    {
        try
        {
            return folder.GetFileSystemInfos();
        }
        catch (UnauthorizedAccessException e)
        {
            throw Refused(folderKey, e);
        }
    }

    private static IOException Refused(string key, Exception inner) => new($"the archive's folder refuses '{key}': {inner.Message}", inner);

    /// <summary>What a crash left. Others may be writing here now, so only what nobody can still be writing.</summary>
    private void RemoveLeftovers()
    {
        var limit = TimeProvider.System.GetUtcNow().UtcDateTime - TimeSpan.FromDays(1);
        foreach (var file in Directory.EnumerateFiles(_temporary).Where(f => File.GetLastWriteTimeUtc(f) < limit))
        {
            File.Delete(file);
        }
    }

    private static void CreateFolder(string folder)
    {
        if (Directory.Exists(folder))
        {
            return;
        }

        var parent = Path.GetDirectoryName(folder)!;
        CreateFolder(parent);
        Directory.CreateDirectory(folder);
        DirectorySync.Flush(parent);
    }

    private string PathOf(string key)
    {
        ObjectKey.ThrowIfInvalid(key);
        return Path.Combine(_root, key);
    }
}
