using System.CommandLine;
using System.Globalization;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Cli.Time;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Cli.Commands.Keys;

internal sealed class KeysRotateCommand : StellaCommand
{
    private readonly Argument<string> _name = new("name") { Description = "The key's name in the trust file, which is also the name of its files." };
    private readonly Option<string?> _trust = TrustFiles.Option();
    private readonly Option<string> _overlap = new("--overlap")
    {
        Description = "How long the old key still counts, for whoever has not taken up the new one: 30m, 1d; 0 for not at all.",
        HelpName = "DURATION",
        DefaultValueFactory = _ => "1d",
    };

    private readonly Option<string?> _passwordFile = KeyOptions.PasswordFile();
    private readonly Option<string?> _folder = new("--out", "-o") { Description = "Where the key's files are. Default: the trust file's folder.", HelpName = "FOLDER" };

    public KeysRotateCommand(CliHost host)
        : base(host, "rotate", "Puts a new key in a key's place, and says in the trust file until when the old one counts.")
    {
        Arguments.Add(_name);
        foreach (var option in (Option[])[_trust, _overlap, _passwordFile, _folder])
        {
            Options.Add(option);
        }
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry keys rotate evidence",
        "stella telemetry keys rotate ada --trust trust.json --overlap 7d",
    ];

    protected override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var name = context.Arguments.GetRequiredValue(_name);
        var trustFile = TrustFiles.Find(context, context.Arguments.GetValue(_trust));
        var trust = TrustFiles.Read(trustFile);
        var old = trust.Keys.SingleOrDefault(k => k.Name == name)
            ?? throw new CliException(CliExitCodes.Failed, $"'{trustFile}' trusts no key '{name}'", "see them with 'stella telemetry keys show', or make one with 'stella telemetry keys new'");
        var folder = context.Arguments.GetValue(_folder) is { } given ? Path.GetFullPath(given, context.Host.WorkingDirectory) : Path.GetDirectoryName(trustFile)!;
        var files = new KeyFiles(folder, name);
        files.ThrowIfNotOf(old.KeyId);
        var now = context.Host.Time.GetUtcNow();
        now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond));
        var until = now.AddSeconds(Duration.ParseOrZero(context.Arguments.GetRequiredValue(_overlap), "--overlap"));
        var password = files.IsEncrypted ? KeyOptions.Password(context, files.Key, context.Arguments.GetValue(_passwordFile)) : null;
        var oldName = string.Create(CultureInfo.InvariantCulture, $"{name}{TrustFiles.OldMark}{now:yyyyMMdd'T'HHmmss'Z'}");

        using var key = SigningKey.Create();
        var next = new TrustedKey(name, key.KeyId, key.Public.ToPem(), old.Uses, old.Person, now, null);
        var ended = old with { Name = oldName, ValidUntil = old.ValidUntil < until ? old.ValidUntil : until };

        // Trusted before it signs: whoever stops in between has two trusted keys and signs with the old one.
        files.Prepare(key, password);
        TrustFiles.Write(trustFile, trust with { Keys = [.. trust.Keys.Select(k => k == old ? next : k), ended] });
        files.Swap(oldName);

        var report = new KeyRotation(KeyReport.Of(ended, now), KeyReport.Of(next, now), files.Key, Path.Combine(folder, oldName + ".key"));
        context.Output.Print(report, CliJson.Default.KeyRotation, r => OutputWriter.Properties(
            ("new key", r.New.KeyId),
            ("private key", r.KeyFile),
            ("old key", $"{r.Old.KeyId}, now '{r.Old.Name}'"),
            ("old key counts until", OutputWriter.Time(r.Old.ValidUntil)),
            ("old private key", r.OldKeyFile)));
        context.Output.Say($"deliver '{trustFile}' to whoever verifies; what the old key signed without a trusted time is refused after {OutputWriter.Time(ended.ValidUntil)}:"
            + " give such evidence a second signature by then ('stella telemetry sign')");
        return Task.FromResult(CliExitCodes.Done);
    }
}
