using System.Globalization;
using System.Text;

namespace GlifMl.Pipelines;

/// <summary>A comparison as a Markdown table, aligned so that it reads as plain text too.</summary>
internal static class ComparisonMarkdown
{
    // A model that failed may score anything; a number of twenty digits would push the others off the page.
    private const double LongestPlain = 1e7;

    /// <summary>The table, then what its figures rest on.</summary>
    /// <param name="table">The comparison.</param>
    /// <returns>Markdown, ending with a line feed.</returns>
    public static string Of(ComparisonTable table)
    {
        var heldOut = table.HeldOutTraces is not null;
        string[] header =
        [
            "definition",
            .. table.Parameters.Select(p => $"R2 {p}"),
            "score",
            "learnable left",
            .. heldOut ? new[] { "held-out score", "held-out left" } : [],
            "train s",
            "us a trace",
            "ONNX KiB",
        ];
        var text = new StringBuilder();
        MarkdownTable.Append(text, [header, .. table.Rows.Select(row => Cells(table, row, heldOut))]);
        AppendPosteriors(text, table);
        return text.Append('\n').AppendJoin('\n', Notes(table)).Append('\n').ToString();
    }

    private static string[] Cells(ComparisonTable table, ComparisonRow row, bool heldOut) =>
        [
            row.Name,
            .. table.Parameters.Select(p => Number(row.R2[p], "F3")),
            Number(row.Score, "F4"),
            Number(row.LearnableLeft, "F3"),
            .. heldOut ? new[] { Number(row.HeldOutScore, "F4"), Number(row.HeldOutLearnableLeft, "F3") } : [],
            Number(row.TrainSeconds, "F1"),
            Number(row.ScoreMicroseconds, "F0"),
            Number(row.OnnxBytes, "F1", 1.0 / 1024),
        ];

    /// <summary>How often the 90 % intervals of models with posteriors hold the truth, and their log scores.</summary>
    private static void AppendPosteriors(StringBuilder text, ComparisonTable table)
    {
        ComparisonRow[] rows = [.. table.Rows.Where(row => row.Models.Any(m => m.Metrics.Test.Posterior is not null))];
        if (rows.Length == 0)
            return;
        static Spread? Of(ComparisonRow row, string parameter, Func<ParameterMetrics, double?> value) =>
            Spread.Of(row.Models.Select(m => value(m.Metrics.Test.Parameters[parameter])));
        text.Append('\n');
        MarkdownTable.Append(
            text,
            [
                ["posterior", .. table.Parameters.Select(p => $"% in 90 {p}"), .. table.Parameters.Select(p => $"log score {p}")],
                .. rows.Select(row =>
                    (string[])
                        [
                            row.Name,
                            .. table.Parameters.Select(p => Number(Of(row, p, m => m.Coverage?["90"]), "F1", 100)),
                            .. table.Parameters.Select(p => Number(Of(row, p, m => m.LogScore), "F3")),
                        ]
                ),
            ]
        );
    }

    private static string Number(Spread? value, string format, double factor = 1) =>
        value?.ToText(x => (x * factor).ToString(Math.Abs(x) < LongestPlain ? format : "0.00e+0", CultureInfo.InvariantCulture)) ?? "-";

    /// <summary>What ran which model.</summary>
    private static string Engines(ComparisonTable table)
    {
        var ran = table
            .Rows.SelectMany(row => row.Models.Select(model => (row.Name, model.ScoredBy)))
            .Distinct()
            .ToLookup(model => model.ScoredBy, model => model.Name);
        return ran.Count == 1
            ? $"run by {ran.Single().Key}"
            : string.Join("; ", ran.OrderBy(engine => engine.Count()).Select(engine => $"{string.Join(", ", engine)} run by {engine.Key}"));
    }

    private static IEnumerable<string> Notes(ComparisonTable table)
    {
        var form = table.Forms[0];
        yield return $"- test split: {table.TestTraces} traces of dataset {ShortHash.Of(form.DataHash)}"
            + (
                table.Seeds.Count == 1
                    ? $", seed {table.Seeds[0]}"
                    : $" and its like: mean ± standard deviation over seeds {table.Seeds[0]} to {table.Seeds[^1]}, which draw data and "
                        + "weights anew"
            );
        yield return "- score: mean squared error over the parameters, in the published study's label units "
            + "(C 1e9, R_input 1e-9, dt 1e5); learnable left: 0 at the floor, 1 at chance";
        yield return $"- floor: {form.FloorNote}";
        foreach (var other in table.Forms.Skip(1))
        {
            var heldOut = other.HeldOutFloor is { } floor ? $", held-out {Number(floor, "F4")}" : "";
            yield return $"- {string.Join(", ", other.Definitions)}: the same traces stored another way "
                + $"({other.Trace}; elsewhere {form.Trace}); their floor is {Number(other.Floor, "F4")}{heldOut}";
        }

        if (table.HeldOutTraces is { } traces)
            yield return $"- held-out: the {traces} test traces in cells of parameters that training and validation left out, by models "
                + "trained without them, with chance and floor of their own";
        if (table.Rows.Any(row => row.Models.Any(m => m.Metrics.Test.Posterior is not null)))
            yield return "- posterior: % of the truths that the central 90 % intervals hold; log score: nats above the prior's";
        yield return $"- us a trace: microseconds of scoring in batches of 16, quickest of three passes; {Engines(table)}";
    }
}
