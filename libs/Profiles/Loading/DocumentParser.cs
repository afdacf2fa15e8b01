using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace StellaOps.Telemetry.Profiles.Loading;

/// <summary>
/// Reads one YAML document within bounds, event by event: whoever wrote it, it costs no more than its length. Anchors and aliases are refused
/// (<c>a: &amp;a [x, x]</c>, <c>b: [*a, *a]</c>, ... grows without bound, and hides what a reviewer should see), and so are tags.
/// </summary>
internal sealed class DocumentParser
{
    /// <summary>The longest document, in characters.</summary>
    public const int MaxLength = 1024 * 1024;

    /// <summary>Mappings and lists within each other. The deepest that a profile may mean has eleven.</summary>
    public const int MaxDepth = 32;

    /// <summary>Values, lists and mappings of a document.</summary>
    public const int MaxNodes = 100_000;

    private readonly IParser _events;
    private readonly string _file;
    private readonly FaultList _faults;
    private int _nodes;

    private DocumentParser(string text, string file, FaultList faults) =>
        (_events, _file, _faults) = (new Parser(new Scanner(new StringReader(text), skipComments: true)), file, faults);

    /// <summary>Null, with a fault, when the document cannot be read to its end.</summary>
    public static DocumentNode? Parse(string text, string file, FaultList faults)
    {
        if (text.Length > MaxLength)
        {
            faults.Add(new DocumentPlace(file, 1, 1), "", $"the document is longer than {MaxLength} characters", "split what does not belong into it");
            return null;
        }

        var parser = new DocumentParser(text, file, faults);
        try
        {
            return parser.Document();
        }
        catch (YamlException e)
        {
            faults.Add(parser.PlaceOf(e.Start), "", $"not YAML: {e.InnerException?.Message ?? e.Message}", "mend the syntax at this place");
            return null;
        }
        catch (InvalidOperationException)
        {
            // How the scanner ends at a flow mapping that goes on at its parent's indentation: https://github.com/aaubry/YamlDotNet/issues/541
            faults.Add(parser.PlaceOf(parser._events.Current?.End ?? Mark.Empty), "", "not YAML", "mend the syntax after this place: what goes on in the next line is indented more than the key");
            return null;
        }
    }

    private DocumentNode? Document()
    {
        _events.Consume<StreamStart>();
        if (!_events.TryConsume<DocumentStart>(out _))
        {
            _faults.Add(new DocumentPlace(_file, 1, 1), "", "the document is empty", "begin with apiVersion, kind, metadata and spec");
            return null;
        }

        if (Node(0) is not { } root)
        {
            return null;
        }

        _events.Consume<DocumentEnd>();
        if (_events.Accept<DocumentStart>(out var second))
        {
            _faults.Add(PlaceOf(second.Start), "", "a second document begins", "keep exactly one in a file");
            return null;
        }

        return root;
    }

    private DocumentNode? Node(int depth)
    {
        if (_events.Accept<AnchorAlias>(out var alias))
        {
            return Stop(alias.Start, $"'*{alias.Value}' is an alias", "write the value out: a document that repeats itself by reference can grow without bound");
        }

        var node = _events.Consume<NodeEvent>();
        if (!node.Anchor.IsEmpty)
        {
            _faults.Add(PlaceOf(node.Start), "", $"'&{node.Anchor.Value}' is an anchor", "remove it, and write values out where they are meant");
        }

        if (!node.Tag.IsEmpty && !node.Tag.IsNonSpecific)
        {
            _faults.Add(PlaceOf(node.Start), "", $"'{node.Tag.Value}' is a tag", "remove it: what a value is follows from its key");
        }

        return (++_nodes, node) switch
        {
            ( > MaxNodes, _) => Stop(node.Start, $"more than {MaxNodes} values", "split what does not belong into it"),
            (_, Scalar scalar) => Single(scalar),
            _ when depth == MaxDepth => Stop(node.Start, $"nested deeper than {MaxDepth}", "no setting lies so deep: mend the indentation"),
            (_, SequenceStart start) => Sequence(PlaceOf(start.Start), depth),
            _ => Mapping(PlaceOf(node.Start), depth),
        };
    }

    private DocumentNode Single(Scalar scalar) => scalar is { Style: ScalarStyle.Plain, Value: "null" or "~" }
        ? new NullNode(PlaceOf(scalar.Start))
        : new ScalarNode(PlaceOf(scalar.Start), scalar.Value, scalar.Style != ScalarStyle.Plain);

    private SequenceNode? Sequence(DocumentPlace place, int depth)
    {
        var items = new List<DocumentNode>();
        while (!_events.TryConsume<SequenceEnd>(out _))
        {
            if (Node(depth + 1) is not { } item)
            {
                return null;
            }

            items.Add(item);
        }

        return new SequenceNode(place, items);
    }

    private MappingNode? Mapping(DocumentPlace place, int depth)
    {
        var entries = new List<MappingEntry>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        while (!_events.TryConsume<MappingEnd>(out _))
        {
            if (!_events.TryConsume<Scalar>(out var key))
            {
                Stop(_events.Current!.Start, "a key that is not a single word", "write 'key: value'");
                return null;
            }

            if (Node(depth + 1) is not { } value)
            {
                return null;
            }

            if (keys.Add(key.Value))
            {
                entries.Add(new MappingEntry(key.Value, PlaceOf(key.Start), value));
            }
            else
            {
                _faults.Add(PlaceOf(key.Start), "", $"'{key.Value}' is there twice", "keep one of them");
            }
        }

        return new MappingNode(place, entries);
    }

    private DocumentNode? Stop(Mark at, string problem, string fix)
    {
        _faults.Add(PlaceOf(at), "", problem, fix);
        return null;
    }

    private DocumentPlace PlaceOf(Mark mark) => new(_file, Math.Max((int)mark.Line, 1), Math.Max((int)mark.Column, 1));
}
