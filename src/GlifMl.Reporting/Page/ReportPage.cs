using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GlifMl.Pipelines;

namespace GlifMl.Reporting;

/// <summary>Gathers sections, figures and numbers, and writes them as one page that needs nothing but itself, with the figures beside it as files.</summary>
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

    public void Paragraph(Html.Handler text) => Add(new Html($"<p>{text.ToString()}</p>"));

    /// <summary>A sentence that a reader must not miss.</summary>
    public void Callout(Html.Handler text) => Add(new Html($"<p class=\"callout\">{text.ToString()}</p>"));

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
    public void Legend(params (SeriesColour SeriesColour, string Meaning)[] entries) =>
        Add(
            Html.Of(
                $"<p class=\"legend\">{Html.Join(" ", entries.Select(e => Html.Of($"<span><i style=\"background:var(--{e.SeriesColour.Name})\"></i>{e.Meaning}</span>")))}</p>"
            )
        );

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

    private static Html Inline(Figure figure) =>
        Html.Of(
            $"<figure><figcaption>{figure.Title}</figcaption><div role=\"img\" aria-label=\"{figure.Description}\">{new Html(FigureRenderer.InlineSvg(figure))}</div></figure>"
        );

    private void Add(Html html) => _body.Append(html.Markup).Append('\n');
}
