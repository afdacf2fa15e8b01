using System.Formats.Tar;
using ZstdSharp;

namespace StellaOps.Telemetry.Tests.Shared.Telemetry;

/// <summary>A find: which needle, in which file.</summary>
public sealed record PersonalDataHit(string Name, string File);

/// <summary>Looks for personal data in everything below a folder, inside zstd as well.</summary>
public static class PersonalDataSearch
{
    private static readonly byte[] s_zstdMagic = [0x28, 0xB5, 0x2F, 0xFD];

    /// <summary>Searches every file; returns the finds and how much was read.</summary>
    public static (IReadOnlyList<PersonalDataHit> Hits, int Files, long Bytes) Search(string folder, params IReadOnlyList<(string Name, byte[] Needle)> needles)
    {
        var hits = new List<PersonalDataHit>();
        var files = 0;
        var bytes = 0L;
        foreach (var path in Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }))
        {
            byte[] content;
            try
            {
                content = ReadContent(path);
            }
            catch (IOException)
            {
                // Files of a running stack come and go: one that is gone holds nothing.
                continue;
            }

            files++;
            bytes += content.Length;
            foreach (var (name, needle) in needles)
            {
                if (content.AsSpan().IndexOf(needle) >= 0)
                {
                    hits.Add(new PersonalDataHit(name, Path.GetRelativePath(folder, path)));
                }
            }
        }

        return (hits, files, bytes);
    }

    /// <summary>A file's content, decompressed where it is zstd.</summary>
    public static byte[] ReadContent(string path)
    {
        var raw = File.ReadAllBytes(path);
        if (!raw.AsSpan().StartsWith(s_zstdMagic))
        {
            return raw;
        }

        using var stream = new DecompressionStream(new MemoryStream(raw));
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }

    /// <summary>The entries of a bundle part (<c>.tar.zst</c>), by name.</summary>
    public static IReadOnlyDictionary<string, byte[]> ReadBundle(string path)
    {
        using var tar = new TarReader(new MemoryStream(ReadContent(path)));
        var entries = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        while (tar.GetNextEntry() is { } entry)
        {
            using var content = new MemoryStream();
            entry.DataStream?.CopyTo(content);
            entries[entry.Name] = content.ToArray();
        }

        return entries;
    }
}
