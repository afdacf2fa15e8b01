using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Pipeline;

namespace StellaOps.Telemetry.IngestGateway.Exporters;

/// <summary>Lists dead letters and sends them again. One resend at a time: a letter goes once, and is removed only when its store took it.</summary>
/// <param name="find">The running exporter of a name.</param>
internal sealed partial class DeadLetterDesk(string dataPath, Func<string, OtlpExporter?> find, ILogger<DeadLetterDesk> logger) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly string _folder = DeadLetters.FolderOf(dataPath);

    /// <summary>In order of their ids, which begin with the exporter.</summary>
    /// <param name="tenant">Null: all tenants.</param>
    /// <param name="after">The id after which to begin; null for the first.</param>
    public IReadOnlyList<DeadLetterResponse> List(TenantId? tenant, string? exporter, string? after, int limit)
    {
        var found = new List<DeadLetterResponse>();
        if (!Directory.Exists(_folder))
        {
            return found;
        }

        var ids = Directory.EnumerateDirectories(_folder)
            .Select(f => Path.GetFileName(f))
            .Where(name => exporter is null || name == exporter)
            .SelectMany(name => Directory.EnumerateFiles(Path.Combine(_folder, name), "*" + DeadLetters.ReasonSuffix).Select(f => $"{name}.{Path.GetFileNameWithoutExtension(f)}"))
            .Where(id => after is null || string.CompareOrdinal(id, after) > 0)
            .Order(StringComparer.Ordinal);
        foreach (var id in ids)
        {
            if (found.Count < limit && Find(id) is { } letter && (tenant is null || letter.Tenant == tenant))
            {
                found.Add(letter);
            }
        }

        return found;
    }

    /// <summary>Null when there is none (any more).</summary>
    public DeadLetterResponse? Find(string id)
    {
        var (exporter, name) = Split(id);
        if (exporter.Length == 0 || Path.GetFileName(exporter) != exporter || Path.GetFileName(name) != name
            || DeadLetters.Read(Path.Combine(_folder, exporter, name + DeadLetters.ReasonSuffix)) is not { } letter)
        {
            return null;
        }

        return new DeadLetterResponse(
            id, exporter, letter.Tenant, letter.Signal, letter.Records, letter.Reason, letter.At, File.Exists(Path.Combine(_folder, exporter, name + DeadLetters.RequestSuffix)));
    }

    /// <summary>Sends one again.</summary>
    /// <param name="actor">Who asked; named in the log.</param>
    public async Task<DeadLetterResend> ResendAsync(string id, string actor, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            var (exporterName, name) = Split(id);
            if (Find(id) is not { } letter)
            {
                return new DeadLetterResend(id, DeadLetterOutcome.Gone, 0, null);
            }

            if (!letter.IsResendable)
            {
                return new DeadLetterResend(id, DeadLetterOutcome.NotResendable, 0, "the store took the request and refused some of its records without saying which");
            }

            if (find(exporterName) is not { } exporter || exporter.Letters.TryReadRequest(name) is not { } request)
            {
                return new DeadLetterResend(id, DeadLetterOutcome.NotResendable, 0, $"no exporter '{exporterName}' is in the profile");
            }

            var result = await exporter.ResendAsync(letter.Tenant, letter.Signal, request, cancellationToken);
            var resend = Settle(exporter, name, letter, result);
            LogResent(id, letter.Tenant.Value, actor, resend.Outcome, resend.Records);
            return resend;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private static DeadLetterResend Settle(OtlpExporter exporter, string name, DeadLetterResponse letter, in OtlpSendResult result)
    {
        var reason = $"{result.Reason}: {result.Message}";
        switch (result.Outcome)
        {
            case OtlpSendOutcome.Accepted:
                var refused = (int)Math.Min(letter.Records, result.RejectedRecords);
                exporter.OnResent(letter.Records - refused);
                if (refused > 0)
                {
                    // Which of them it refused, the store does not say: to send all again would double the others.
                    exporter.Letters.Write(name + "-partial", new DeadLetter(letter.Tenant, letter.Signal, 0, refused, reason, letter.At), []);
                }

                exporter.Letters.Remove(name);
                return new DeadLetterResend(letter.Id, refused > 0 ? DeadLetterOutcome.Partial : DeadLetterOutcome.Accepted, letter.Records - refused, refused > 0 ? reason : null);
            case OtlpSendOutcome.Retryable:
                return new DeadLetterResend(letter.Id, DeadLetterOutcome.Unavailable, 0, reason);
            default:
                return new DeadLetterResend(letter.Id, DeadLetterOutcome.Refused, 0, reason);
        }
    }

    private static (string Exporter, string Name) Split(string id) => id.IndexOf('.', StringComparison.Ordinal) is var at and > 0 ? (id[..at], id[(at + 1)..]) : ("", "");

    [LoggerMessage(PipelineEventIds.DeadLetterResent, LogLevel.Information, "dead letter {Id} of tenant {Tenant} was sent again for {Actor}: {Outcome}, {Records} records taken")]
    private partial void LogResent(string id, string tenant, string actor, DeadLetterOutcome outcome, int records);
}
