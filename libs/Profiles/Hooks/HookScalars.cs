using System.Text.RegularExpressions;
using StellaOps.Telemetry.Profiles.Loading;

namespace StellaOps.Telemetry.Profiles.Hooks;

/// <summary>The kinds of single values that only documents of hooks hold.</summary>
internal static partial class HookScalars
{
    public const string LabelForm = "the name of a label, of letters, digits and '_'";
    public const string ServiceForm = "the name of a service, of 1 to 255 characters";

    private const int MaxName = 255;

    /// <summary>As Prometheus wants them; dots too, since an orchestrator's labels may be attributes.</summary>
    public static bool Label(string text, out string value)
    {
        value = text;
        return text.Length is > 0 and <= MaxName && LabelName().IsMatch(text);
    }

    public static bool Service(string text, out string value)
    {
        value = text;
        return text.Length is > 0 and <= MaxName && !text.Any(char.IsControl);
    }

    public static bool AnyText(string text, out string value)
    {
        value = text;
        return text.Length <= 1024;
    }

    /// <summary>Whole seconds, within bounds; 0 as <c>0s</c>.</summary>
    public static ScalarParser<TimeSpan> Seconds(TimeSpan min, TimeSpan max) => (string text, out TimeSpan value) =>
    {
        value = TimeSpan.Zero;
        return (text == "0s" || Scalars.Duration(text, out value)) && value >= min && value <= max && value.Ticks % TimeSpan.TicksPerSecond == 0;
    };

    [GeneratedRegex(@"\A[a-zA-Z_][a-zA-Z0-9_.]*\z")]
    private static partial Regex LabelName();
}
