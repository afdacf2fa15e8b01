using StellaOps.Telemetry.Profiles.Validation;

namespace StellaOps.Telemetry.Profiles.Loading;

/// <summary>Collects the faults of one or several documents; the same one, found twice, is one.</summary>
/// <param name="isPartial">
/// What is read is a part that others complete: nothing is missing in it, and only what is wrong by itself is a fault.
/// </param>
internal sealed class FaultList(bool isPartial = false)
{
    /// <summary>A fault quotes the document, which may hold a megabyte in one value.</summary>
    private const int MaxQuoted = 400;

    private readonly HashSet<ProfileFault> _faults = [];

    public bool IsPartial => isPartial;

    public bool IsEmpty => _faults.Count == 0;

    public void Add(DocumentPlace at, string path, string problem, string fix) =>
        _faults.Add(new ProfileFault(at.File, at.Line, at.Column, Shown(path), Shown(problem), Shown(fix)));

    public void AddAll(FaultList others) => _faults.UnionWith(others._faults);

    /// <summary>Document by document in the order given, and by place within each.</summary>
    public IReadOnlyList<ProfileFault> InOrder(params IReadOnlyList<string> files) =>
        [.. _faults.OrderBy(f => files.Contains(f.File) ? files.Index().First(i => i.Item == f.File).Index : files.Count).ThenBy(f => f.Line).ThenBy(f => f.Column)];

    /// <summary>On one line, and without what a terminal would take for an order.</summary>
    private static string Shown(string text) =>
        string.Concat((text.Length > MaxQuoted ? string.Concat(text.AsSpan(0, MaxQuoted), "...") : text).Select(c => char.IsControl(c) ? ' ' : c));
}
