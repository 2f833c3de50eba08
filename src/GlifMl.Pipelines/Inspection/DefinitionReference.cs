using System.Text;
using GlifMl.Estimators;
using static System.StringComparison;

namespace GlifMl.Pipelines;

/// <summary>
/// The reference of definitions as Markdown, <c>pipelines/REFERENCE.md</c>: every key and every step, made from what the loader reads by.
/// </summary>
internal static class DefinitionReference
{
    /// <summary>The text of the page, ending with a line feed.</summary>
    /// <param name="catalog">The estimators that definitions may name.</param>
    public static string ToText(EstimatorCatalog catalog)
    {
        var page = new StringBuilder();
        page.Append(
            """
            # Reference of definitions

            Every key of a definition and every step of its `pipeline`, as `glifml schema --markdown` writes them from the code.
            [README.md](README.md) teaches by example. Units are in a key's meaning; where none is given they are SI. A key behind a
            point is within the one before it; `[]` is each entry of a list.

            ## Keys


            """
        );
        // What a step is, its own section says.
        Table(page, OptionDocumentation.Of(typeof(PipelineDefinition)).Where(key => !key.Key.StartsWith("pipeline[]", Ordinal)));
        page.Append("\n## Stimuli\n\nA split's `stimulus` is a name, a CSV file, a mapping of these keys, or a list of such.\n\n");
        Table(page, OptionDocumentation.Of(typeof(StimulusDefinition)));
        page.Append("\n## Sweeps\n\nWhere a value is `{sweep: [a, b, c]}`, or a range of these keys, `glifml sweep` tries them all:\n\n");
        Table(page, OptionDocumentation.Of(typeof(SweepRange)));
        page.Append("\nThe key `sweep` of the definition itself says how:\n\n");
        Table(page, OptionDocumentation.Of(typeof(SweepDefinition)));
        foreach (var role in catalog.Entries.GroupBy(entry => entry.Role))
        {
            page.Append(Invariant.Text($"\n## Steps: {role.Key.ToString().ToLowerInvariant()}\n"));
            foreach (var step in role.Select(EstimatorDocumentation.Of))
            {
                page.Append(Invariant.Text($"\n### {step.Name}\n\n{Cell(step.Summary)} {Cell(step.About)}\n"));
                if (step.Options.Count == 0)
                    continue;
                page.Append('\n');
                Table(page, step.Options);
            }
        }

        page.Append("\n## What ML.NET has and a definition cannot use\n\n| step | because |\n|---|---|\n");
        foreach (var (name, reason) in StockCatalog.Refused)
            page.Append(Invariant.Text($"| `{name}` | {Cell(reason)} |\n"));
        return page.ToString().ReplaceLineEndings("\n");
    }

    private static void Table(StringBuilder page, IEnumerable<OptionDocumentation> options)
    {
        page.Append("| key | type | default | meaning |\n|---|---|---|---|\n");
        foreach (var option in options)
        {
            var range = option.Range.Length > 0 ? $", {option.Range}" : "";
            var choices = string.Concat(option.Choices.Where(c => c.Value != c.Key).Select(c => $" `{c.Key}`: {c.Value}"));
            page.Append(
                Invariant.Text(
                    $"| `{option.Key}` | {Cell(option.Type + range)} | {Cell(option.Default)} | {Cell(option.Meaning + choices)} |\n"
                )
            );
        }
    }

    // A bar would end the cell, and an angle bracket begin a tag.
    private static string Cell(string text) => text.Replace("|", "\\|", Ordinal).Replace("<", "&lt;", Ordinal);
}
