using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Profiles.Loading;

/// <summary>A section <c>tenants</c>: what holds for single tenants, by their names.</summary>
internal static class TenantSections
{
    /// <summary>In ordinal order of the names; empty when the section is absent.</summary>
    public static SortedDictionary<string, T> Read<T>(YamlSection parent, Func<YamlSection, T> read)
    {
        var tenants = new SortedDictionary<string, T>(StringComparer.Ordinal);
        var named = parent.Section("tenants");
        foreach (var name in named.Keys)
        {
            if (!TenantId.TryParse(name, out _))
            {
                named.Fault(name, $"'{name}' is not a tenant's name", "write 1 to 63 of a-z, 0-9 and '-', not beginning or ending with '-'");
            }

            var section = named.Section(name);
            tenants[name] = read(section);
            section.Done();
        }

        named.Done();
        return tenants;
    }
}
