using Microsoft.Extensions.Options;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.ProfileService.IngestKeys;

internal sealed class ValidateBootstrapOptions : IValidateOptions<BootstrapOptions>
{
    public ValidateOptionsResult Validate(string? name, BootstrapOptions options) => options.SystemIngestKeyFile switch
    {
        null or "" => ValidateOptionsResult.Success,
        var file when !File.Exists(file) =>
            ValidateOptionsResult.Fail($"Stella__Bootstrap__SystemIngestKeyFile is '{file}': there is no such file"),
        var file when !IngestKeyFormat.TryGetKeyId(File.ReadAllText(file).AsSpan().Trim(), out _) =>
            ValidateOptionsResult.Fail($"Stella__Bootstrap__SystemIngestKeyFile is '{file}': it holds no ingest key (stik_<12 hex>_<64 hex>)"),
        _ => ValidateOptionsResult.Success,
    };
}
