using StellaOps.Telemetry.Contracts.Audit;

namespace StellaOps.Telemetry.Cli.Commands;

/// <summary>Follows cursors until there is none, or enough was seen.</summary>
internal static class Paging
{
    public const int MaxItems = 10_000;

    public static async Task<Page<T>> AllAsync<T>(Func<string?, Task<Page<T>>> read, int limit = MaxItems)
    {
        var items = new List<T>();
        string? cursor = null;
        do
        {
            var page = await read(cursor);
            items.AddRange(page.Items.Take(limit - items.Count));
            cursor = page.NextCursor;
        }
        while (cursor is not null && items.Count < limit);

        return new Page<T>(items, cursor);
    }
}
