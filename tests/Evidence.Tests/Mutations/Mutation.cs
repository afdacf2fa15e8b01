namespace StellaOps.Telemetry.Evidence.Tests.Mutations;

/// <summary>One thing that somebody did to a bundle.</summary>
/// <param name="Class">Its row in the table.</param>
/// <param name="Files">Files with another content; null: taken away.</param>
internal sealed record Mutation(string Class, string What, IReadOnlyDictionary<string, byte[]?> Files)
{
    public Mutation(string @class, string what, string file, byte[]? content)
        : this(@class, what, new Dictionary<string, byte[]?> { [file] = content })
    {
    }
}
