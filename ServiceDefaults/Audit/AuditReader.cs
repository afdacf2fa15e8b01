using Npgsql;
using NpgsqlTypes;
using StellaOps.Telemetry.Contracts.Audit;

namespace StellaOps.Telemetry.ServiceDefaults.Audit;

/// <summary>Reads the audit trail and recomputes its chain.</summary>
public sealed class AuditReader(NpgsqlDataSource dataSource)
{
    private const string Columns = "sequence, at, service, actor, action, tenant, target, detail, previous_hash, hash";

    /// <summary>Rows newest first.</summary>
    /// <param name="tenant">Only rows of this tenant.</param>
    /// <param name="target">Only rows about this target.</param>
    /// <param name="before">Only rows with a lower sequence: the cursor.</param>
    public async Task<IReadOnlyList<AuditEntryResponse>> ListAsync(
        string? tenant, string? target, DateTimeOffset? from, DateTimeOffset? to, long? before, int limit, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            $"""
            SELECT {Columns} FROM audit.entries
            WHERE ($1 IS NULL OR tenant = $1) AND ($2 IS NULL OR target = $2) AND ($3 IS NULL OR at >= $3) AND ($4 IS NULL OR at < $4) AND ($5 IS NULL OR sequence < $5)
            ORDER BY sequence DESC LIMIT $6
            """);
        Add(command, tenant, NpgsqlDbType.Text);
        Add(command, target, NpgsqlDbType.Text);
        Add(command, from?.ToUniversalTime(), NpgsqlDbType.TimestampTz);
        Add(command, to?.ToUniversalTime(), NpgsqlDbType.TimestampTz);
        Add(command, before, NpgsqlDbType.Bigint);
        Add(command, limit, NpgsqlDbType.Integer);
        var rows = new List<AuditEntryResponse>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(Read(reader));
        }

        return rows;
    }

    /// <summary>Recomputes every hash from the first row on and stops at the first that does not fit.</summary>
    public async Task<AuditVerificationResponse> VerifyAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"SELECT {Columns} FROM audit.entries ORDER BY sequence");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (checkedRows, last) = (0L, AuditChain.Genesis);
        while (await reader.ReadAsync(cancellationToken))
        {
            var row = Read(reader);
            var failure = (row.Sequence == checkedRows + 1, row.PreviousHash == last, row.Hash == AuditChain.HashOf(row)) switch
            {
                (false, _, _) => $"row {checkedRows + 1} is missing",
                (_, false, _) => $"row {row.Sequence} does not follow row {checkedRows}",
                (_, _, false) => $"row {row.Sequence} was changed",
                _ => null,
            };
            if (failure is not null)
            {
                return new AuditVerificationResponse(false, checkedRows, last, checkedRows + 1, failure);
            }

            (checkedRows, last) = (row.Sequence, row.Hash);
        }

        return new AuditVerificationResponse(true, checkedRows, last, null, null);
    }

    private static AuditEntryResponse Read(NpgsqlDataReader reader) => new(
        reader.GetInt64(0),
        reader.GetFieldValue<DateTimeOffset>(1),
        reader.GetString(2),
        reader.GetString(3),
        reader.GetString(4),
        reader.IsDBNull(5) ? null : reader.GetString(5),
        reader.GetString(6),
        reader.IsDBNull(7) ? null : reader.GetString(7),
        reader.GetString(8),
        reader.GetString(9));

    private static void Add(NpgsqlCommand command, object? value, NpgsqlDbType type) =>
        command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value, NpgsqlDbType = type });
}
