using System.Text;
using StellaOps.Telemetry.Redaction;

namespace StellaOps.Telemetry.Benchmarks.Micro;

/// <summary>The shipped redaction policy, which lies beside this program.</summary>
internal static class Policies
{
    public static Redactor Baseline()
    {
        using var reader = new StreamReader(BaselinePath);
        var secrets = new RedactionSecrets(Encoding.ASCII.GetBytes(new string('k', 32)));
        return new Redactor(CompiledPolicy.Compile(RedactionPolicyLoader.Load(reader), secrets));
    }

    public static string BaselineText() => File.ReadAllText(BaselinePath);

    private static string BaselinePath => Path.Combine(AppContext.BaseDirectory, "redaction", "baseline.yaml");
}
