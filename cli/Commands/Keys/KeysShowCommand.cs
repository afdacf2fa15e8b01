using System.CommandLine;
using Spectre.Console;
using StellaOps.Telemetry.Cli.Output;

namespace StellaOps.Telemetry.Cli.Commands.Keys;

internal sealed class KeysShowCommand : StellaCommand
{
    private readonly Argument<string?> _name = new("name") { Description = "Only the keys of this name, or with this id.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _trust = TrustFiles.Option();

    public KeysShowCommand(CliHost host)
        : base(host, "show", "Shows which keys are trusted, for what, and when they count.")
    {
        Arguments.Add(_name);
        Options.Add(_trust);
    }

    public override IReadOnlyList<string> Examples => ["stella telemetry keys show", "stella telemetry keys show evidence --trust trust.json --output json"];

    protected override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var file = TrustFiles.Find(context, context.Arguments.GetValue(_trust));
        var name = context.Arguments.GetValue(_name);
        IReadOnlyList<KeyReport> keys =
        [
            .. TrustFiles.Read(file).Keys.Where(k => name is null || k.Name == name || k.Name.StartsWith(name + TrustFiles.OldMark, StringComparison.Ordinal) || k.KeyId == name)
                .Select(k => KeyReport.Of(k, context.Host.Time.GetUtcNow())),
        ];
        if (name is not null && keys.Count == 0)
        {
            throw new CliException(CliExitCodes.Failed, $"'{file}' trusts no key '{name}'", "see all of them with 'stella telemetry keys show'");
        }

        context.Output.Print(keys, CliJson.Default.IReadOnlyListKeyReport, TableOf);
        return Task.FromResult(CliExitCodes.Done);
    }

    private static Table TableOf(IReadOnlyList<KeyReport> keys)
    {
        var table = OutputWriter.NewTable("NAME", "STATE", "VALID FROM", "VALID UNTIL", "USES", "PERSON", "KEY ID");
        foreach (var key in keys)
        {
            table.AddRow(
                Markup.Escape(key.Name), key.State, OutputWriter.Time(key.ValidFrom), OutputWriter.Time(key.ValidUntil), string.Join(", ", key.Uses), Markup.Escape(key.Person ?? "-"), key.KeyId);
        }

        return table;
    }
}
