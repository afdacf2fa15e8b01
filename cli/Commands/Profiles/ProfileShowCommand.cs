using System.CommandLine;
using System.Globalization;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Profiles.Loading;

namespace StellaOps.Telemetry.Cli.Commands.Profiles;

internal sealed class ProfileShowCommand : StellaCommand
{
    private readonly Argument<string> _profile = new("profile") { Description = "A name, or a file." };

    public ProfileShowCommand(CliHost host)
        : base(host, "show", "Shows what a profile comes to, defaults included.")
    {
        Arguments.Add(_profile);
    }

    public override IReadOnlyList<string> Examples => ["stella telemetry profile show forensic", "stella telemetry profile show ./mine.yaml --output yaml"];

    protected override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var file = ProfileFolder.Find(context.Host, context.Arguments.GetRequiredValue(_profile));
        using var text = File.OpenText(file);
        var result = ProfileLoader.Load(text, file);
        if (!result.IsValid)
        {
            foreach (var fault in result.Faults)
            {
                context.Output.Note(fault.ToString());
            }

            throw new CliException(CliExitCodes.Failed, $"'{file}' has {result.Faults.Count} faults", "mend what stands above");
        }

        context.Output.Print(ProfileDetails.Of(result.Profile), CliJson.Default.ProfileDetails, p => OutputWriter.Properties(
            ("profile", p.Name),
            ("description", p.Description),
            ("environment", p.Environment),
            ("redaction", p.Redaction),
            ("durability", p.Durability),
            ("recorder", $"{p.RecorderMaxAge}, {p.RecorderMaxBytes} bytes, {p.RecorderTenantShare.ToString(CultureInfo.InvariantCulture)} of it per tenant"),
            ("decision wait", p.DecisionWait),
            ("sampling", string.Join(", ", p.SamplingPolicies)),
            ("exporters", string.Join(", ", p.Exporters)),
            ("incident sampling", p.IncidentSamplingRate.ToString("P0", CultureInfo.InvariantCulture)),
            ("sealed", p.Sealed ? "yes" : "no")));
        return Task.FromResult(CliExitCodes.Done);
    }
}
