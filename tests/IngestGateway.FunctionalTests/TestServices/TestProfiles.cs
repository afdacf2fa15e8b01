namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;

/// <summary>Profiles with limits that a test can reach.</summary>
internal static class TestProfiles
{
    public const int MaxRequest = 64 * 1024;
    public const int MaxDecompressed = 256 * 1024;

    /// <summary>Redaction is off, so that what is logged can be compared byte for byte.</summary>
    public const string Small = """
        apiVersion: telemetry.stella-ops.org/v1
        kind: Profile
        metadata: { name: test }
        spec:
          environment: development
          ingest: { limits: { max_request: 64KiB, max_decompressed: 256KiB, max_depth: 16, max_records: 500 } }
          redaction: none
          durability: write
          recorder: { max_bytes: 16MiB, file_bytes: 4MiB }
          sampling: { policies: [{ name: all, type: always_sample }] }
        """;

    public static readonly string Redacting = Small.Replace("redaction: none", "redaction: baseline", StringComparison.Ordinal);

    public static void CopyRedactionPolicies(string folder)
    {
        var source = Path.Combine(AppContext.BaseDirectory, "profiles", "redaction");
        if (Directory.Exists(source))
        {
            var target = Directory.CreateDirectory(Path.Combine(folder, "redaction")).FullName;
            foreach (var file in Directory.EnumerateFiles(source))
            {
                File.Copy(file, Path.Combine(target, Path.GetFileName(file)), overwrite: true);
            }
        }
    }
}
