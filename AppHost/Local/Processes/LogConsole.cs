namespace StellaOps.Telemetry.AppHost.Local.Processes;

/// <summary>The engine's output: its own lines, and each process's lines after its name in a colour of its own.</summary>
internal sealed class LogConsole(TextWriter output, bool colour)
{
    private const int NameWidth = 16;
    private static readonly string[] s_colours = ["36", "33", "32", "35", "34", "96", "93", "92"];

    // Guards the writer, so that lines of several processes never mix, and the colours given out.
    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _colours = [];

    /// <summary>Colours only where a person looks: a terminal, and NO_COLOR (https://no-color.org) unset.</summary>
    public static LogConsole ForStandardOutput() =>
        new(Console.Out, !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")));

    public void Line(string text)
    {
        lock (_lock)
        {
            output.WriteLine(text);
            output.Flush();
        }
    }

    public void Line(string name, string text)
    {
        lock (_lock)
        {
            var padded = name.PadRight(NameWidth);
            if (colour)
            {
                if (!_colours.TryGetValue(name, out var code))
                {
                    _colours[name] = code = s_colours[_colours.Count % s_colours.Length];
                }

                padded = $"\e[{code}m{padded}\e[0m";
            }

            output.WriteLine($"{padded} | {text}");
            output.Flush();
        }
    }
}
