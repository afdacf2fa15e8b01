using System.Security.Cryptography;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Profiles.Notifying;

namespace StellaOps.Telemetry.IncidentService.Notify.Targets;

/// <summary>The document of targets on disk.</summary>
/// <param name="path">Null or empty: there is none, and nobody is told.</param>
internal sealed class TargetsFile(string? path)
{
    private const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>Reads and judges it, and the secrets that it names; null with every fault in the list.</summary>
    public NotifyTargets? Load(List<string> faults)
    {
        if (string.IsNullOrEmpty(path))
        {
            return NotifyTargets.None;
        }

        var full = Path.GetFullPath(path);
        var before = faults.Count;
        try
        {
            using var text = File.OpenText(full);
            var loaded = NotifyLoader.Load(text, full);
            faults.AddRange(loaded.Faults.Select(f => $"{KnownEnvironment.NotifyFile}: {f}"));
            faults.AddRange((loaded.Targets ?? []).SelectMany(FaultsOf).Select(f => $"{KnownEnvironment.NotifyFile}: {full}: {f}"));
            return faults.Count == before ? new NotifyTargets(loaded.Targets!) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add($"{KnownEnvironment.NotifyFile} '{path}' cannot be read: name a document of kind {NotifyLoader.Kind}, such as profiles/incident/notify.yaml");
            return null;
        }
    }

    /// <summary>Changes when the document does; cheap enough for every second.</summary>
    /// <exception cref="IOException">It cannot be read now.</exception>
    public string Fingerprint()
    {
        if (string.IsNullOrEmpty(path))
        {
            return "";
        }

        using var file = File.OpenRead(path);
        return file.Length > MaxBytes ? "too long" : Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private static IEnumerable<string> FaultsOf(NotifyTarget target)
    {
        foreach (var (key, read) in ReadsOf(target.Channel))
        {
            string? fault = null;
            try
            {
                read();
            }
            catch (IOException e)
            {
                fault = $"target '{target.Name}': {target.Channel.Kind}.{key}: {e.Message}; write it, or name another file";
            }

            if (fault is not null)
            {
                yield return fault;
            }
        }
    }

    private static IEnumerable<(string Key, Action Read)> ReadsOf(NotifyChannel channel)
    {
        IEnumerable<(string Key, Action Read)> reads = channel switch
        {
            WebhookChannel webhook =>
            [
                ("url_file", () => TargetUrl.Of(webhook.Address)),
                .. webhook.SecretFiles.Select(f => ("secret_files", (Action)(() => WebhookSecret.Read(f)))),
                ("authorization_file", () => ReadOptional(webhook.AuthorizationFile)),
            ],
            SlackChannel slack => [("url_file", () => TargetUrl.Of(slack.Address))],
            PagerDutyChannel pager => [("routing_key_file", () => SecretFile.Read(pager.RoutingKeyFile))],
            SmtpChannel smtp => [("password_file", () => ReadOptional(smtp.PasswordFile))],
            AlertmanagerChannel alertmanager => [("authorization_file", () => ReadOptional(alertmanager.AuthorizationFile))],
            _ => [],
        };
        return reads.Append(("ca_file", () => TrustedAuthorities.PolicyOf(channel.CaFile)));
    }

    private static void ReadOptional(string? file)
    {
        if (file is not null)
        {
            SecretFile.Read(file);
        }
    }
}
