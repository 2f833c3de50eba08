namespace GlifMl.Reporting;

/// <summary>The style sheet of a report: light and dark as the reader's system asks, one column on a telephone.</summary>
internal static class PageStyle
{
    public static string Css { get; } =
        $$"""

            :root { {{Variables(ink => ink.Light)}} --raised: #F4F6F8; }
            @media (prefers-color-scheme: dark) { :root { {{Variables(ink => ink.Dark)}} --raised: #1E242B; } }
            * { box-sizing: border-box; }
            body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif; }
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
            dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 255px), 1fr)); gap: 0 28px; margin: 12px 0; font-size: 0.92rem; }
            dl div { display: flex; justify-content: space-between; gap: 12px; border-bottom: 1px solid var(--grid); padding: 4px 0; }
            dt { color: var(--muted); }
            dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
            main { padding-bottom: 60px; }
            @media (max-width: 480px) { body { font-size: 15px; } th, td { padding-right: 6px; } table { font-size: 0.78rem; } dl { font-size: 0.84rem; } header, nav, main { padding: 0 14px; } }
            @media print { nav { display: none; } figure, tr { break-inside: avoid; } }

            """;

    private static string Variables(Func<SeriesColour, string> value) =>
        string.Join(" ", SeriesColour.All.Select(ink => $"--{ink.Name}: {value(ink)};"));
}
