using Spectre.Console;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Profiles.Loading;

namespace StellaOps.Telemetry.Cli.Commands.Profiles;

internal sealed class ProfileListCommand(CliHost host) : StellaCommand(host, "list", "Lists the profiles of the profiles folder.")
{
    public override IReadOnlyList<string> Examples => ["stella telemetry profile list"];

    protected override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var profiles = new List<ProfileSummary>();
        foreach (var file in ProfileFolder.List(context.Host))
        {
            using var text = File.OpenText(file);
            var result = ProfileLoader.Load(text, Path.GetFileName(file));
            profiles.Add(new ProfileSummary(result.Profile?.Name ?? Path.GetFileNameWithoutExtension(file), file, result.Profile?.Description, result.IsValid, result.Faults.Count));
        }

        context.Output.Print(profiles, CliJson.Default.IReadOnlyListProfileSummary, all =>
        {
            var table = OutputWriter.NewTable("PROFILE", "VALID", "DESCRIPTION", "FILE");
            foreach (var p in all)
            {
                table.AddRow(Markup.Escape(p.Name), p.Valid ? "yes" : $"{p.Faults} faults", Markup.Escape(p.Description ?? "-"), Markup.Escape(p.File));
            }

            return table;
        });
        return Task.FromResult(CliExitCodes.Done);
    }
}
