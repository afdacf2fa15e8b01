using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace StellaOps.Telemetry.Cli.Output;

/// <summary>Prints a result in the form asked for: data to the output, words for people to wherever the data is not.</summary>
internal sealed class OutputWriter(CliHost host, OutputFormat format)
{
    private static readonly JsonWriterOptions s_indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public OutputFormat Format => format;

    /// <summary>A sentence for a person: beside the data when a machine reads that.</summary>
    public void Say(string text) => (format == OutputFormat.Table ? host.Out : host.Error).WriteLine(text);

    /// <summary>Always beside the data.</summary>
    public void Note(string text) => host.Error.WriteLine(text);

    /// <summary>Prints a value: as JSON or YAML by its contract, as a table by <paramref name="table"/>.</summary>
    public void Print<T>(T value, JsonTypeInfo<T> type, Func<T, Table> table)
    {
        switch (format)
        {
            case OutputFormat.Json:
                WriteJson(JsonSerializer.SerializeToElement(value, type));
                break;
            case OutputFormat.Yaml:
                WriteYaml(JsonSerializer.SerializeToElement(value, type));
                break;
            default:
                WriteTable(table(value));
                break;
        }
    }

    /// <summary>A table in the one style of this tool.</summary>
    public static Table NewTable(params string[] columns)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(Markup.Escape(column)).NoWrap());
        }

        return table;
    }

    /// <summary>A table of names and values.</summary>
    public static Table Properties(params (string Name, string? Value)[] rows)
    {
        var table = NewTable("", "").HideHeaders();
        foreach (var (name, value) in rows.Where(r => r.Value is not null))
        {
            table.AddRow(Markup.Escape(name), Markup.Escape(value!));
        }

        return table;
    }

    /// <summary>A time as it stands in every table: UTC, to the second.</summary>
    public static string Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "-";

    private void WriteTable(Table table)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = host.HasColours ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = host.HasColours ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(host.Out),
            Interactive = InteractionSupport.No,
        });
        if (!host.HasColours)
        {
            // A pipe has no width: never cut what a script may read.
            console.Profile.Width = 4096;
        }

        console.Write(table);
    }

    private void WriteJson(JsonElement value)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, s_indented))
        {
            value.WriteTo(writer);
        }

        host.Out.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }

    private void WriteYaml(JsonElement value)
    {
        var emitter = new Emitter(host.Out);
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        EmitYaml(emitter, value);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
    }

    private static void EmitYaml(Emitter emitter, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                emitter.Emit(new MappingStart(null, null, isImplicit: true, MappingStyle.Block));
                foreach (var property in value.EnumerateObject())
                {
                    emitter.Emit(Text(property.Name));
                    EmitYaml(emitter, property.Value);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonValueKind.Array:
                emitter.Emit(new SequenceStart(null, null, isImplicit: true, SequenceStyle.Block));
                foreach (var item in value.EnumerateArray())
                {
                    EmitYaml(emitter, item);
                }

                emitter.Emit(new SequenceEnd());
                break;
            case JsonValueKind.String:
                emitter.Emit(Text(value.GetString()!));
                break;
            default:
                emitter.Emit(new Scalar(null, null, value.GetRawText(), ScalarStyle.Plain, isPlainImplicit: true, isQuotedImplicit: false));
                break;
        }
    }

    // Double quotes wherever a plain scalar could be read as a number, a truth value or nothing.
    private static Scalar Text(string text) =>
        new(null, null, text, IsPlain(text) ? ScalarStyle.Plain : ScalarStyle.DoubleQuoted, isPlainImplicit: true, isQuotedImplicit: true);

    private static bool IsPlain(string text) => text.Length > 0 && char.IsAsciiLetter(text[0])
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/')
        && text.ToLowerInvariant() is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off" or "y" or "n");
}
