using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GlifMl.Pipelines;

namespace GlifMl.Reporting;

/// <summary>
/// Gathers sections, figures and numbers, and writes them as one page that needs nothing but itself, with the figures beside it as files.
/// </summary>
internal sealed class ReportPage(string title)
{
    private readonly StringBuilder _body = new();
    private readonly List<(string Id, string Title)> _sections = [];
    private readonly List<Figure> _figures = [];

    /// <summary>Every number of the page: report.json.</summary>
    public JsonObject Data { get; } = [];

    /// <summary>Records numbers under a key of report.json.</summary>
    public void Record(string key, object value) => Data[key] = JsonSerializer.SerializeToNode(value, Json.Options);

    public void Section(string id, string sectionTitle)
    {
        if (_sections.Count > 0)
            _body.Append("</section>\n");
        _sections.Add((id, sectionTitle));
        Add(Html.Of($"<section id=\"{id}\">\n<h2>{sectionTitle}</h2>"));
    }

    public void Heading(Html.Handler text) => Add(new Html($"<h3>{text.ToString()}</h3>"));

    public void Paragraph(Html.Handler text) => Add(new Html($"<p>{Prose(text)}</p>"));

    /// <summary>A sentence that a reader must not miss.</summary>
    public void Callout(Html.Handler text) => Add(new Html($"<p class=\"callout\">{Prose(text)}</p>"));

    /// <summary>A table; the first column holds names, the others numbers.</summary>
    public void Table(IReadOnlyList<string> headers, IEnumerable<IReadOnlyList<Html>> rows)
    {
        var head = Html.Join("", headers.Select(h => Html.Of($"<th scope=\"col\">{h}</th>")));
        var body = Html.Join(
            "\n",
            rows.Select(row =>
                Html.Of($"<tr><th scope=\"row\">{row[0]}</th>{Html.Join("", row.Skip(1).Select(cell => Html.Of($"<td>{cell}</td>")))}</tr>")
            )
        );
        Add(Html.Of($"<div class=\"table\"><table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>"));
    }

    /// <summary>Names and values, in columns as the width allows.</summary>
    public void Facts(IEnumerable<(string Name, Html Value)> facts) =>
        Add(Html.Of($"<dl>{Html.Join("\n", facts.Select(f => Html.Of($"<div><dt>{f.Name}</dt><dd>{f.Value}</dd></div>")))}</dl>"));

    /// <summary>What the colours of the figures that follow stand for.</summary>
    public void Legend(params (SeriesColour SeriesColour, string Meaning)[] entries)
    {
        var marks = entries.Select(e => Html.Of($"<span><i style=\"background:var(--{e.SeriesColour.Name})\"></i>{e.Meaning}</span>"));
        Add(Html.Of($"<p class=\"legend\">{Html.Join(" ", marks)}</p>"));
    }

    /// <summary>Figures of one width, as many in a row as fit.</summary>
    public void Figures(params IReadOnlyList<Figure> figures)
    {
        _figures.AddRange(figures);
        Add(Html.Of($"<div class=\"{$"figures w{figures[0].Width}"}\">\n{Html.Join("\n", figures.Select(Inline))}\n</div>"));
    }

    /// <summary>Writes report.html, report.json and the figures' files. Each file appears whole or not at all.</summary>
    /// <returns>The path of report.html.</returns>
    public string Write(string directory)
    {
        foreach (var figure in _figures)
        {
            AtomicFile.WriteAllBytes(Path.Combine(directory, "figures", figure.Name + ".png"), FigureRenderer.Png(figure));
            AtomicFile.WriteAllText(Path.Combine(directory, "figures", figure.Name + ".svg"), FigureRenderer.Svg(figure));
        }

        AtomicFile.WriteAllText(Path.Combine(directory, "report.json"), Json.ToText(Data));
        var path = Path.Combine(directory, "report.html");
        AtomicFile.WriteAllText(path, Document());
        return path;
    }

    private string Document()
    {
        var contents = Html.Join("\n", _sections.Select(s => Html.Of($"<a href=\"#{s.Id}\">{s.Title}</a>")));
        return Html.Of(
            $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{title}</title>
            <style>{new Html(PageStyle.Css)}</style>
            </head>
            <body>
            <header><h1>{title}</h1></header>
            <nav>{contents}</nav>
            <main>
            {new Html(_body.ToString())}</section>
            </main>
            </body>
            </html>

            """
        ).Markup;
    }

    private static Html Inline(Figure figure)
    {
        var drawing = new Html(FigureRenderer.InlineSvg(figure));
        return Html.Of(
            $"<figure><figcaption>{figure.Title}</figcaption>"
                + $"<div role=\"img\" aria-label=\"{figure.Description}\">{drawing}</div></figure>"
        );
    }

    /// <summary>Text that stands in several lines of source is one line of the page.</summary>
    private static string Prose(Html.Handler text) => text.ToString().Replace('\n', ' ');

    private void Add(Html html) => _body.Append(html.Markup).Append('\n');
}

/// <summary>The style sheet of a report: light and dark as the reader's system asks, one column on a telephone.</summary>
internal static class PageStyle
{
    // A line that is continued ends with a backslash, which the page does not get.
    public static string Css { get; } =
        $$"""

            :root { {{Variables(ink => ink.Light)}} --raised: #F4F6F8; }
            @media (prefers-color-scheme: dark) { :root { {{Variables(ink => ink.Dark)}} --raised: #1E242B; } }
            * { box-sizing: border-box; }
            body { margin: 0; background: var(--page); color: var(--text); \
            font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif; }
            header, nav, main { max-width: 1180px; margin: 0 auto; padding: 0 20px; }
            h1 { font-size: 1.9rem; line-height: 1.2; margin: 36px 0 12px; overflow-wrap: anywhere; }
            h2 { font-size: 1.35rem; margin: 48px 0 10px; padding-top: 14px; border-top: 1px solid var(--grid); }
            h3 { font-size: 1.05rem; margin: 28px 0 6px; }
            p { max-width: 75ch; margin: 10px 0; overflow-wrap: break-word; }
            nav { display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 0.92rem; }
            a { color: var(--fitted); }
            code { font: 0.92em ui-monospace, "Liberation Mono", monospace; overflow-wrap: anywhere; }
            .callout { border-left: 4px solid var(--inferred); background: var(--raised); padding: 10px 14px; }
            .legend { display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 0.9rem; margin: 14px 0 4px; max-width: none; }
            .legend i { display: inline-block; width: 18px; height: 4px; border-radius: 2px; margin-right: 7px; vertical-align: middle; }
            .figures { display: grid; gap: 18px 22px; margin: 10px 0 18px; }
            .w{{Figure.WideWidth}} { grid-template-columns: repeat(auto-fill, minmax(min(100%, 420px), 1fr)); }
            .w{{Figure.MediumWidth}} { grid-template-columns: repeat(auto-fill, minmax(min(100%, 250px), 1fr)); }
            .w{{Figure.NarrowWidth}} { grid-template-columns: repeat(auto-fill, minmax(min(46%, 200px), 1fr)); gap: 12px 10px; }
            figure { margin: 0; min-width: 0; }
            figcaption { font-size: 0.92rem; font-weight: 600; margin-bottom: 2px; }
            svg { display: block; width: 100%; height: auto; max-width: 540px; }
            .table { overflow-x: auto; margin: 12px 0; }
            table { border-collapse: collapse; font-size: 0.92rem; font-variant-numeric: tabular-nums; }
            th, td { padding: 4px 12px 4px 0; text-align: right; border-bottom: 1px solid var(--grid); vertical-align: top; }
            th:first-child { text-align: left; font-weight: 500; position: sticky; left: 0; background: var(--page); }
            td small { display: block; font-size: 0.85em; color: var(--muted); white-space: nowrap; }
            thead th { color: var(--muted); font-weight: 500; vertical-align: bottom; }
            dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 255px), 1fr)); \
            gap: 0 28px; margin: 12px 0; font-size: 0.92rem; }
            dl div { display: flex; justify-content: space-between; gap: 12px; border-bottom: 1px solid var(--grid); padding: 4px 0; }
            dt { color: var(--muted); }
            dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
            main { padding-bottom: 60px; }
            @media (max-width: 480px) { body { font-size: 15px; } th, td { padding-right: 6px; } table { font-size: 0.78rem; } \
            dl { font-size: 0.84rem; } header, nav, main { padding: 0 14px; } }
            @media print { nav { display: none; } figure, tr { break-inside: avoid; } }

            """.Replace("\\\n", "", StringComparison.Ordinal);

    private static string Variables(Func<SeriesColour, string> value) =>
        string.Join(" ", SeriesColour.All.Select(ink => $"--{ink.Name}: {value(ink)};"));
}
