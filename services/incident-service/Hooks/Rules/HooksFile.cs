using System.Security.Cryptography;
using System.Text;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.IncidentService.Notify.Targets;
using StellaOps.Telemetry.Profiles.Hooks;

namespace StellaOps.Telemetry.IncidentService.Hooks.Rules;

/// <summary>The document of rules on disk, and the secrets that it names.</summary>
/// <param name="path">Null or empty: there is none.</param>
internal sealed class HooksFile(string? path)
{
    // The loader takes a million characters, of at most four bytes.
    private const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>Reads and judges everything. Cheap enough for every second: a document has a few pages.</summary>
    public HooksReading Read()
    {
        if (string.IsNullOrEmpty(path))
        {
            return new HooksReading("", null, []);
        }

        var full = Path.GetFullPath(path);
        try
        {
            return Judge(full, ReadBytes(full));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new HooksReading(
                "unreadable", null, [$"{KnownEnvironment.HooksFile} '{path}' cannot be read: name a document of kind {HooksLoader.Kind}, such as profiles/incident/hooks.yaml"]);
        }
    }

    private static HooksReading Judge(string full, byte[] content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(content);
        using var text = new StreamReader(new MemoryStream(content), Encoding.UTF8);
        var loaded = HooksLoader.Load(text, full);
        List<string> faults = [.. loaded.Faults.Select(f => $"{KnownEnvironment.HooksFile}: {f}")];
        var orchestrators = new List<OrchestratorModel>();
        foreach (var orchestrator in loaded.Document?.Orchestrators ?? [])
        {
            var secrets = new List<byte[]>();
            foreach (var file in orchestrator.SecretFiles)
            {
                try
                {
                    secrets.Add(WebhookSecret.Read(file));
                    hash.AppendData(SHA256.HashData(secrets[^1]));
                }
                catch (IOException e)
                {
                    faults.Add($"{KnownEnvironment.HooksFile}: {full}: orchestrator '{orchestrator.Name}': secret_files: {e.Message}; write it, or name another file");
                    hash.AppendData(Encoding.UTF8.GetBytes(e.Message));
                }
            }

            orchestrators.Add(new OrchestratorModel(orchestrator, secrets));
        }

        faults.AddRange(SharedSecrets(orchestrators).Select(f => $"{KnownEnvironment.HooksFile}: {full}: {f}"));
        var model = faults.Count == 0 ? new HooksModel(loaded.Document!.Rules, orchestrators) : null;
        return new HooksReading(Convert.ToHexStringLower(hash.GetHashAndReset()), model, faults);
    }

    /// <summary>A key says who reports, so it cannot be that of two.</summary>
    private static IEnumerable<string> SharedSecrets(IReadOnlyList<OrchestratorModel> orchestrators) =>
        from one in orchestrators.Index()
        from other in orchestrators.Skip(one.Index + 1)
        where one.Item.Secrets.Any(s => other.Secrets.Any(o => CryptographicOperations.FixedTimeEquals(s, o)))
        select $"orchestrators '{one.Item.Name}' and '{other.Name}' share a secret; make one for each";

    private static byte[] ReadBytes(string full)
    {
        using var file = File.OpenRead(full);
        var content = new byte[(int)Math.Min(file.Length, MaxBytes) + 1];
        return content[..file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false)];
    }
}
