using StellaOps.Telemetry.Otlp;
using StellaOps.Telemetry.Otlp.Fields;
using StellaOps.Telemetry.Otlp.Schema;

namespace StellaOps.Telemetry.Archive.Search;

/// <summary>Puts a query to the records of one payload, in wire order: what a resource or scope says is looked at once, not for each of its records.</summary>
public ref struct PayloadMatcher
{
    private readonly RecordMatcher _matcher;
    private ReadOnlySpan<byte> _resource;
    private ReadOnlySpan<byte> _scope;
    private bool _isKnown;
    private bool _isOfService;

    // A bit for each attribute that was asked for and found.
    private uint _byResource;
    private uint _byScope;

    internal PayloadMatcher(RecordMatcher matcher)
    {
        _matcher = matcher;
    }

    /// <summary>Whether the record is one of those asked for.</summary>
    public bool Takes(in OtlpRecord record)
    {
        if (!_matcher.TakesItself(record))
        {
            return false;
        }

        // The same place in the payload, not the same bytes.
        if (!_isKnown || record.Resource != _resource || record.Scope != _scope)
        {
            _resource = record.Resource;
            _scope = record.Scope;
            _isKnown = true;
            _isOfService = _matcher.TakesService(_resource);
            _byResource = Met(_resource, CommonFields.Resource.Attributes);
            _byScope = Met(_scope, CommonFields.InstrumentationScope.Attributes);
        }

        return _isOfService && HasAttributes(record);
    }

    private readonly bool HasAttributes(in OtlpRecord record)
    {
        var attributes = _matcher.Attributes;
        for (var i = 0; i < attributes.Length; i++)
        {
            if (((_byResource | _byScope) & (1u << i)) == 0 && !IsMet(attributes[i], record.Record, OtlpSchema.AttributesOf(record.Message)))
            {
                return false;
            }
        }

        return true;
    }

    private readonly uint Met(ReadOnlySpan<byte> message, int attributesField)
    {
        var met = 0u;
        var attributes = _matcher.Attributes;
        for (var i = 0; i < attributes.Length; i++)
        {
            met |= IsMet(attributes[i], message, attributesField) ? 1u << i : 0;
        }

        return met;
    }

    // Looking for bytes costs a tenth of looking at fields.
    private static bool IsMet(AttributeCondition condition, ReadOnlySpan<byte> message, int attributesField) =>
        message.IndexOf(condition.Needle) >= 0 && condition.IsMetBy(message, attributesField);
}
