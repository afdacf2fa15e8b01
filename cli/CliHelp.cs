using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace StellaOps.Telemetry.Cli;

/// <summary>The built-in help, and below it the command's examples.</summary>
internal sealed class CliHelp(HelpAction inner) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var code = inner.Invoke(parseResult);
        if (parseResult.CommandResult.Command is StellaCommand { Examples.Count: > 0 } command)
        {
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (var example in command.Examples)
            {
                output.WriteLine("  " + example);
            }

            output.WriteLine();
        }

        return code;
    }
}
