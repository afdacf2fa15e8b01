using System.Security.Cryptography;
using StellaOps.Telemetry.Evidence.Kits;

namespace StellaOps.Telemetry.Cli.Commands.Kits.Building;

/// <summary>The files of a kit being made: paths in the kit, and where their content is.</summary>
internal sealed class KitContents
{
    private const int HeadBytes = 20;
    private readonly SortedDictionary<string, (string? File, byte[]? Content)> _files = new(StringComparer.Ordinal);

    public IEnumerable<string> Paths => _files.Keys;

    public bool Has(string path) => _files.ContainsKey(path);

    public void AddFile(string path, string file) => Add(path, (file, null));

    public void AddContent(string path, byte[] content) => Add(path, (null, content));

    /// <summary>Adds a folder's files. A link is refused: what it leads to may be anywhere.</summary>
    public void AddFolder(string path, string folder, Func<string, bool>? takes = null)
    {
        foreach (var file in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories))
        {
            if (file.LinkTarget is not null)
            {
                throw new CliException(CliExitCodes.Failed, $"'{file.FullName}' is a link, which a kit does not carry", "put the file itself there");
            }

            var name = Path.GetRelativePath(folder, file.FullName);
            if (file is FileInfo && (takes?.Invoke(name) ?? true))
            {
                AddFile(path.Length == 0 ? name : $"{path}/{name}", file.FullName);
            }
        }
    }

    public Stream Open(KitFile file) => _files[file.Path] is { Content: { } content }
        ? new MemoryStream(content, writable: false)
        : new FileStream(_files[file.Path].File!, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);

    /// <summary>Sizes, digests and modes. A mode follows from the content, since those on disk follow from how a file came there.</summary>
    public async Task<IReadOnlyList<KitFile>> DescribeAsync(CancellationToken cancellationToken)
    {
        var files = new List<KitFile>();
        foreach (var path in _files.Keys)
        {
            await using var stream = Open(new KitFile(path, 0, "", KitFile.Plain));
            var head = new byte[HeadBytes];
            var read = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
            stream.Position = 0;
            var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
            files.Add(new KitFile(path, stream.Length, sha256, IsProgram(path, head.AsSpan(0, read)) ? KitFile.Executable : KitFile.Plain));
        }

        return files;
    }

    /// <summary>A script, or an ELF file that is no shared library.</summary>
    private static bool IsProgram(string path, ReadOnlySpan<byte> head) =>
        head.StartsWith("#!"u8) || (head.StartsWith("\u007fELF"u8) && !Path.GetFileName(path).Contains(".so", StringComparison.Ordinal));

    private void Add(string path, (string? File, byte[]? Content) source)
    {
        if (!KitFormat.IsPath(path))
        {
            throw new CliException(CliExitCodes.Failed, $"'{path}' is no path that a kit can carry", "use ASCII letters, digits, '.', '_', '-' and '+', and no part that begins with a dot or a dash");
        }

        if (!_files.TryAdd(path, source))
        {
            throw new CliException(CliExitCodes.Failed, $"'{path}' would stand twice in the kit", $"rename the file '{source.File}'");
        }
    }
}
