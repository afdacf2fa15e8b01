using System.CommandLine;
using System.Security.Cryptography;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Cli.Commands.Keys;

internal sealed class KeysNewCommand : StellaCommand
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly Argument<string> _name = new("name") { Description = "Names the files and the trust entry." };
    private readonly Option<string[]> _uses = new("--use") { Description = $"What it may sign; give it again for more: {string.Join(", ", KnownKeyUses.All)}.", HelpName = "USE" };
    private readonly Option<string?> _person = new("--person") { Description = "Whose key it is; needed by uses that are a person's.", HelpName = "PERSON" };
    private readonly Option<string?> _passwordFile = KeyOptions.PasswordFile();
    private readonly Option<string?> _trust = new("--trust") { Description = "Add the entry to this trust file; by default it is only printed.", HelpName = "FILE" };
    private readonly Option<string?> _folder = new("--out", "-o") { Description = "Where the files go. Default: here.", HelpName = "FOLDER" };

    public KeysNewCommand(CliHost host)
        : base(host, "new", "Makes a signing key as cosign keeps it, and the trust entry that lets it sign.")
    {
        Arguments.Add(_name);
        foreach (var option in (Option[])[_uses, _person, _passwordFile, _trust, _folder])
        {
            Options.Add(option);
        }
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry keys new ada --use profile-author --person ada@example.org",
        "stella telemetry keys new ben --use profile-approval --person ben@example.org --trust trust.json",
    ];

    protected override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var name = context.Arguments.GetRequiredValue(_name);
        var uses = context.Arguments.GetValue(_uses) ?? [];
        var person = context.Arguments.GetValue(_person);
        Judge(name, uses, person);
        var folder = Path.GetFullPath(context.Arguments.GetValue(_folder) ?? ".", context.Host.WorkingDirectory);
        Directory.CreateDirectory(folder);
        string At(string suffix) => Path.Combine(folder, name + suffix);

        if (new[] { ".key", ".pub" }.Select(At).FirstOrDefault(File.Exists) is { } taken)
        {
            throw new CliException(CliExitCodes.Failed, $"'{taken}' is there already", "choose another name, or take that one away");
        }

        var trustFile = context.Arguments.GetValue(_trust) is { } trust ? Path.GetFullPath(trust, context.Host.WorkingDirectory) : null;
        var known = trustFile is null ? null : TrustFiles.Read(trustFile);
        using var key = SigningKey.Create();
        Write(At(".key"), CosignKey.Write(key, Password(context, At(".password"))));
        File.WriteAllText(At(".pub"), key.Public.ToPem() + "\n");
        var entry = new TrustedKey(name, key.KeyId, key.Public.ToPem(), uses, person);
        if (known is not null)
        {
            TrustFiles.Write(trustFile!, known with { Keys = [.. known.Keys, entry] });
        }

        context.Output.Print(entry, ContractsJson.Default.TrustedKey, e => OutputWriter.Properties(
            ("private key", At(".key")), ("public key", At(".pub")), ("key id", e.KeyId), ("uses", string.Join(", ", e.Uses)), ("person", e.Person)));
        context.Output.Say(trustFile is null ? "no trust file was changed: --output json prints the entry to add" : $"trusted by '{trustFile}'");
        return Task.FromResult(CliExitCodes.Done);
    }

    private static void Judge(string name, string[] uses, string? person)
    {
        if (name.Length is 0 or > 63 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') || name[0] == '.')
        {
            throw CliException.Usage($"'{name}' is no name for files", "use letters, digits, '-', '_' and '.'");
        }

        if (uses.FirstOrDefault(u => !KnownKeyUses.All.Contains(u)) is { } unknown)
        {
            throw CliException.Usage($"nothing asks for the use '{unknown}'", $"name one of {string.Join(", ", KnownKeyUses.All)}");
        }

        if (person is null && uses.FirstOrDefault(KnownKeyUses.OfPeople.Contains) is { } personal)
        {
            throw CliException.Usage($"a key of the use '{personal}' is a person's", "say whose it is with --person");
        }
    }

    /// <summary>The user's own, else a new one beside the key.</summary>
    private string Password(CommandContext context, string file)
    {
        if (context.Arguments.GetValue(_passwordFile) is { } given)
        {
            return File.ReadAllText(Path.GetFullPath(given, context.Host.WorkingDirectory)).TrimEnd('\r', '\n');
        }

        if (context.Host.GetEnvironmentVariable(KeyOptions.PasswordVariable) is { } password)
        {
            return password;
        }

        var made = RandomNumberGenerator.GetHexString(48, lowercase: true);
        Write(file, made);
        return made;
    }

    private static void Write(string path, string text)
    {
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = Private });
        using var writer = new StreamWriter(file);
        writer.Write(text);
    }
}
