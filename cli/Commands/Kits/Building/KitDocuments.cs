using System.Net;
using System.Text;
using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace StellaOps.Telemetry.Cli.Commands.Kits.Building;

/// <summary>The kit's Markdown as HTML that a browser shows without a network: no script, no font, no picture from elsewhere.</summary>
internal static class KitDocuments
{
    private const string Style =
        "body{max-width:60rem;margin:2rem auto;padding:0 1rem;font:16px/1.5 sans-serif;color:#1b1b1b;background:#fff}"
        + "code,pre{font:14px/1.45 monospace;background:#f3f3f3}code{padding:.1em .25em}pre{padding:.8rem;overflow-x:auto}pre code{padding:0}"
        + "table{border-collapse:collapse;display:block;overflow-x:auto}td,th{border:1px solid #bbb;padding:.3rem .6rem;text-align:left;vertical-align:top}"
        + "a{color:#0645ad}nav{border-bottom:1px solid #bbb;padding-bottom:.5rem}";

    private static readonly MarkdownPipeline s_pipeline = new MarkdownPipelineBuilder().UsePipeTables().UseAutoIdentifiers(Markdig.Extensions.AutoIdentifiers.AutoIdentifierOptions.GitHub).DisableHtml().Build();

    /// <summary>Replaces each <c>*.md</c> of the tree by its page.</summary>
    /// <param name="documents">Paths in the kit and texts.</param>
    public static void Add(KitContents contents, IReadOnlyDictionary<string, string> documents)
    {
        foreach (var (path, text) in documents)
        {
            contents.AddContent(PageOf(path), Encoding.UTF8.GetBytes(Render(path, text, target => documents.ContainsKey(target) ? PageOf(target) : contents.Has(target) ? target : null)));
        }

        var index = new StringBuilder("# Documents\n\n");
        foreach (var (path, text) in documents.OrderBy(d => d.Key, StringComparer.Ordinal))
        {
            index.Append("- [").Append(TitleOf(text) ?? path).Append("](").Append(PageOf(path)).Append(")\n");
        }

        contents.AddContent("index.html", Encoding.UTF8.GetBytes(Render("index.md", index.ToString(), target => target)));
    }

    /// <summary>One page.</summary>
    /// <param name="resolve">The path in the kit that a path in the repository leads to; null when it is not in the kit.</param>
    internal static string Render(string path, string text, Func<string, string?> resolve)
    {
        var document = Markdown.Parse(text, s_pipeline);
        foreach (var link in document.Descendants<LinkInline>().ToList())
        {
            Rewrite(path, link, resolve);
        }

        var up = string.Concat(Enumerable.Repeat("../", path.Count(c => c == '/')));
        return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">"
            + $"<title>{WebUtility.HtmlEncode(TitleOf(text) ?? path)}</title><style>{Style}</style></head>\n<body>\n"
            + $"<nav><a href=\"{up}index.html\">Documents</a></nav>\n{document.ToHtml(s_pipeline)}</body></html>\n";
    }

    private static string PageOf(string path) => path[..^".md".Length] + ".html";

    private static string? TitleOf(string text) => text.Split('\n').FirstOrDefault(l => l.StartsWith("# ", StringComparison.Ordinal))?[2..].Trim();

    /// <summary>A link to what is in the kit leads there; one to what is not becomes its text.</summary>
    private static void Rewrite(string path, LinkInline link, Func<string, string?> resolve)
    {
        var url = link.Url ?? "";
        if (url.StartsWith('#') || Uri.TryCreate(url, UriKind.Absolute, out var absolute) && absolute.Scheme is "http" or "https" or "mailto")
        {
            return;
        }

        var cut = url.IndexOf('#');
        var folder = Path.GetDirectoryName("/" + path)!;
        var target = Path.GetFullPath(cut < 0 ? url : url[..cut], folder)[1..];
        if (resolve(target) is { } found && !link.IsImage)
        {
            link.Url = Path.GetRelativePath(folder, "/" + found) + (cut < 0 ? "" : url[cut..]);
            return;
        }

        while (link.FirstChild is { } child)
        {
            child.Remove();
            link.InsertBefore(child);
        }

        link.Remove();
    }
}
