using System.CommandLine;
using Spectre.Console;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Profiles.Loading;

namespace StellaOps.Telemetry.Cli.Commands.Profiles;

internal sealed class ProfileValidateCommand : StellaCommand
{
    private readonly Argument<string[]> _profiles = new("profile") { Description = "Names or files.", Arity = ArgumentArity.OneOrMore };

    public ProfileValidateCommand(CliHost host)
        : base(host, "validate", "Judges profile documents: every fault with its line and fix.")
    {
        Arguments.Add(_profiles);
    }

    public override IReadOnlyList<string> Examples => ["stella telemetry profile validate default", "stella telemetry profile validate profiles/*.yaml"];

    protected override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var results = new List<ProfileValidation>();
        foreach (var profile in context.Arguments.GetRequiredValue(_profiles))
        {
            var file = ProfileFolder.Find(context.Host, profile);
            using var text = File.OpenText(file);
            var result = ProfileLoader.Load(text, profile);
            results.Add(new ProfileValidation(file, result.IsValid, result.Faults));
        }

        context.Output.Print(results, CliJson.Default.IReadOnlyListProfileValidation, all =>
        {
            var table = OutputWriter.NewTable("PLACE", "FAULT", "FIX");
            foreach (var result in all)
            {
                foreach (var f in result.Faults)
                {
                    table.AddRow(Markup.Escape($"{f.File}:{f.Line}:{f.Column}"), Markup.Escape(f.Path.Length == 0 ? f.Problem : $"{f.Path}: {f.Problem}"), Markup.Escape(f.Fix));
                }

                if (result.Valid)
                {
                    table.AddRow(Markup.Escape(result.File), "none", "-");
                }
            }

            return table;
        });
        return Task.FromResult(results.All(r => r.Valid) ? CliExitCodes.Done : CliExitCodes.VerificationFailed);
    }
}
