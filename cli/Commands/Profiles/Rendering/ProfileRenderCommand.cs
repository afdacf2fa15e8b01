using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Profiles.Rendering;

namespace StellaOps.Telemetry.Cli.Commands.Profiles.Rendering;

internal sealed class ProfileRenderCommand : StellaCommand
{
    private readonly Argument<string> _profile = new("profile") { Description = "A name, or a file." };
    private readonly Option<string?> _overlay = ProfileOptions.Overlay("Lay the overlay of this environment over it.");
    private readonly Option<string?> _to = new("--to") { Description = "Write the files into this folder, and remove those that the profile no longer has.", HelpName = "DIR" };

    private readonly Option<bool> _verify = new("--verify")
    {
        Description = "Write nothing: compare with the folder of --to, by default profiles/rendered/PROFILE[.ENV], and exit with 3 when a file differs, is missing or left over.",
    };

    private readonly Option<string?> _only = new("--only")
    {
        Description = $"Some of the files, by what they are for: {string.Join(", ", ProfileRenderer.FileNames.Select(ForOf).Distinct())}; several parted by commas. One file alone is printed as it is.",
        HelpName = "WHAT",
    };

    public ProfileRenderCommand(CliHost host)
        : base(host, "render", "Renders the configuration of everything that a profile rules: gateway, edge Collectors, stores.")
    {
        Arguments.Add(_profile);
        Options.Add(_overlay);
        Options.Add(_to);
        Options.Add(_only);
        Options.Add(_verify);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry profile render forensic",
        "stella telemetry profile render default --overlay prod --only collector > collector.yaml",
        "stella telemetry profile render default --to profiles/rendered/default",
        "stella telemetry profile render default --verify",
    ];

    protected override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var (found, overlay) = (ProfileFolder.Find(context.Host, context.Arguments.GetRequiredValue(_profile)), context.Arguments.GetValue(_overlay));
        var resolution = ValidProfile.Require(context, found.Resolve(context.Host, overlay), found.Shown(context.Host));
        var only = context.Arguments.GetValue(_only);
        var files = Choose(ProfileRenderer.Render(resolution.Profile!, resolution.RedactionPolicyText), only);
        var to = context.Arguments.GetValue(_to);
        if (context.Arguments.GetValue(_verify))
        {
            var folder = to is null ? Path.Combine(Path.GetDirectoryName(found.File)!, "rendered", overlay is null ? found.Name : $"{found.Name}.{overlay}") : Absolute(context, to);
            return Task.FromResult(Verify(context, folder, files, only is null));
        }

        if (to is not null)
        {
            Print(context, new RenderedFolder(Absolute(context, to), files, only is null).Write());
        }
        else if (files.Count == 1 && context.Output.Format == OutputFormat.Table)
        {
            context.Host.Out.Write(files[0].Text);
        }
        else
        {
            Print(context, [.. files.Select(f => RenderedFileReport.Of(f))]);
        }

        return Task.FromResult(CliExitCodes.Done);
    }

    private static int Verify(CommandContext context, string folder, IReadOnlyList<RenderedFile> files, bool isWhole)
    {
        var reports = new RenderedFolder(folder, files, isWhole).Verify();
        Print(context, reports);
        var wrong = reports.Count(r => r.State != RenderedFolder.Same);
        context.Output.Say(wrong == 0 ? $"{reports.Count} files are as rendered" : $"{wrong} of {reports.Count} files are not as rendered: render again with --to '{folder}'");
        return wrong == 0 ? CliExitCodes.Done : CliExitCodes.VerificationFailed;
    }

    private static IReadOnlyList<RenderedFile> Choose(IReadOnlyList<RenderedFile> files, string? only)
    {
        if (only is null)
        {
            return files;
        }

        var wanted = only.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (wanted.FirstOrDefault(w => files.All(f => f.Name != w && ForOf(f.Name) != w)) is { } unknown)
        {
            throw CliException.Usage(
                $"the profile renders nothing for '{unknown}'", $"write some of {string.Join(", ", files.Select(f => ForOf(f.Name)).Distinct())}; edge Collectors need spec.edge, stores spec.storage");
        }

        return [.. files.Where(f => wanted.Contains(f.Name) || wanted.Contains(ForOf(f.Name)))];
    }

    /// <summary>What a file is for: <c>loki</c> of <c>loki-overrides.yaml</c>.</summary>
    private static string ForOf(string name) => name.Split('.', '-')[0];

    private static string Absolute(CommandContext context, string path) => Path.GetFullPath(path, context.Host.WorkingDirectory);

    private static void Print(CommandContext context, IReadOnlyList<RenderedFileReport> reports) =>
        context.Output.Print(reports, CliJson.Default.IReadOnlyListRenderedFileReport, all =>
        {
            var table = OutputWriter.NewTable("FILE", "BYTES", "SHA-256", "");
            foreach (var file in all)
            {
                table.AddRow(Markup.Escape(file.Name), file.Bytes?.ToString(CultureInfo.InvariantCulture) ?? "-", file.Digest ?? "-", file.State ?? "");
            }

            return table;
        });
}
