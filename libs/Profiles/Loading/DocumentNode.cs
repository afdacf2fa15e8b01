namespace StellaOps.Telemetry.Profiles.Loading;

/// <summary>Where something stands; line and column from 1.</summary>
internal readonly record struct DocumentPlace(string File, int Line, int Column);

/// <summary>A node of a document. Merging joins nodes of several documents, so each knows its own.</summary>
internal abstract record DocumentNode(DocumentPlace Place);

/// <summary>A single value as it is written; empty and not quoted where only a key is there.</summary>
internal sealed record ScalarNode(DocumentPlace Place, string Text, bool IsQuoted) : DocumentNode(Place);

/// <summary><c>null</c> or <c>~</c>: takes an inherited value back to the default.</summary>
internal sealed record NullNode(DocumentPlace Place) : DocumentNode(Place);

/// <summary>A list.</summary>
internal sealed record SequenceNode(DocumentPlace Place, IReadOnlyList<DocumentNode> Items) : DocumentNode(Place);

/// <summary>Keys and values, in the order of the document; no key twice.</summary>
internal sealed record MappingNode(DocumentPlace Place, IReadOnlyList<MappingEntry> Entries) : DocumentNode(Place)
{
    /// <summary>The value of the key; null when it is absent, or takes back what it had.</summary>
    public DocumentNode? Find(string key) => Entries.FirstOrDefault(e => e.Key == key)?.Value is { } value and not NullNode ? value : null;
}

/// <summary>A key, where it stands, and its value.</summary>
internal sealed record MappingEntry(string Key, DocumentPlace KeyPlace, DocumentNode Value);
