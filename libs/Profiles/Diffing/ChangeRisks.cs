using System.Text;

namespace StellaOps.Telemetry.Profiles.Diffing;

/// <summary>How risks are called: <c>opens-egress</c> on a command line and in JSON.</summary>
public static class ChangeRisks
{
    /// <summary>All, in rising order.</summary>
    public static IReadOnlyList<ChangeRisk> All { get; } = Enum.GetValues<ChangeRisk>();

    /// <summary>The name of a risk, words parted by hyphens.</summary>
    public static string Name(ChangeRisk risk)
    {
        var name = new StringBuilder();
        foreach (var c in risk.ToString())
        {
            if (char.IsAsciiLetterUpper(c) && name.Length > 0)
            {
                name.Append('-');
            }

            name.Append(char.ToLowerInvariant(c));
        }

        return name.ToString();
    }

    /// <summary>The risk of a name.</summary>
    public static bool TryParse(string name, out ChangeRisk risk)
    {
        foreach (var known in All)
        {
            if (Name(known) == name)
            {
                risk = known;
                return true;
            }
        }

        risk = default;
        return false;
    }
}
