using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Npgsql;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.ServiceDefaults.Database;

/// <summary>
/// <c>Idempotency-Key</c> on what creates: the claim is written in the transaction that creates, so a second request with the same key
/// waits for the first one and then gets what that one made. Keys are per actor and service.
/// </summary>
public sealed class Idempotency(StellaServiceDefaultsOptions service, TimeProvider time)
{
    /// <summary>How long a key is remembered.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromDays(1);

    private const int MaxKeyLength = 200;

    /// <summary>What is wrong with a key, which the caller refuses.</summary>
    public static IEnumerable<(string Field, string Message)> FaultsOf(string? key) =>
        key?.Length > MaxKeyLength ? [(KnownHeaders.IdempotencyKey, $"must have at most {MaxKeyLength} characters")] : [];

    /// <summary>What tells one request from another: its route and body.</summary>
    public static string HashOf<T>(string route, T body, JsonTypeInfo<T> type) =>
        Convert.ToHexStringLower(SHA256.HashData([.. System.Text.Encoding.UTF8.GetBytes(route + "\n"), .. JsonSerializer.SerializeToUtf8Bytes(body, type)]));

    /// <summary>Claims a key for a resource about to be made; without a key the claim is always new.</summary>
    public async Task<IdempotencyClaim> ClaimAsync(NpgsqlTransaction transaction, string actor, string? key, string requestHash, string resourceId, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(key))
        {
            return new IdempotencyClaim(IdempotencyOutcome.New, resourceId);
        }

        var now = time.GetUtcNow();
        await using (var forget = new NpgsqlCommand("DELETE FROM audit.idempotency_keys WHERE at < $1", transaction.Connection, transaction))
        {
            forget.Parameters.AddWithValue(now - Retention);
            await forget.ExecuteNonQueryAsync(cancellationToken);
        }

        await using (var insert = new NpgsqlCommand(
            "INSERT INTO audit.idempotency_keys (service, actor, key, request_hash, resource_id, at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            transaction.Connection,
            transaction))
        {
            insert.Parameters.AddWithValue(service.ServiceName);
            insert.Parameters.AddWithValue(actor);
            insert.Parameters.AddWithValue(key);
            insert.Parameters.AddWithValue(requestHash);
            insert.Parameters.AddWithValue(resourceId);
            insert.Parameters.AddWithValue(now);
            if (await insert.ExecuteNonQueryAsync(cancellationToken) == 1)
            {
                return new IdempotencyClaim(IdempotencyOutcome.New, resourceId);
            }
        }

        await using var select = new NpgsqlCommand(
            "SELECT request_hash, resource_id FROM audit.idempotency_keys WHERE service = $1 AND actor = $2 AND key = $3", transaction.Connection, transaction);
        select.Parameters.AddWithValue(service.ServiceName);
        select.Parameters.AddWithValue(actor);
        select.Parameters.AddWithValue(key);
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            throw new InvalidOperationException("an idempotency key vanished between two statements; try again");
        }

        return new IdempotencyClaim(reader.GetString(0) == requestHash ? IdempotencyOutcome.Repeat : IdempotencyOutcome.Mismatch, reader.GetString(1));
    }
}
