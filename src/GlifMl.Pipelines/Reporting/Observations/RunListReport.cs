extern alias Plotting;

using GlifMl.Pipelines.Metrics;
using GlifMl.Pipelines.Reporting.Figures;
using GlifMl.Pipelines.Reporting.Page;

namespace GlifMl.Pipelines.Reporting.Observations;

/// <summary>The page of a list of runs: a figure and one table.</summary>
internal static class RunListReport
{
    public static void Write(RunListDefinition definition, IReadOnlyList<RunSummary> runs, string directory)
    {
        var page = new ReportPage(definition.Name);
        page.Section("summary", "In short");
        page.Paragraph($"Each definition was run with {definition.Seeds.Count} seeds ({string.Join(", ", definition.Seeds)}); numbers are the mean over seeds ± the standard deviation between them. Scores are mean squared errors over the published study’s scaled labels, lower is better; chance is always answering the label mean, floor the best that any model can do with the inputs. Held-out cells are combinations of C, El and R_input that no training trace has, with a chance and a floor of their own. Learnable left is (score − floor) / (chance − floor): 1 learnt nothing, 0 learnt all there is. Scores compare only where chance and floor are the same.");
        page.Legend((Ink.Fitted, "test"), (Ink.Inferred, "test, only cells held out of training"));
        page.Figures(LearnableLeft([.. runs.DistinctBy(r => r.Name)]));
        foreach (var question in runs.GroupBy(r => r.Question))
        {
            page.Section($"q{page.Data.Count}", question.Key);
            page.Table(
                ["definition", "test score", "chance", "floor", "learnable left", "held-out cells: score", "learnable left"],
                question.Select(r => (IReadOnlyList<Html>)
                [
                    Html.Text(r.Name),
                    Spread(r.Over(m => m.Test.MseScaled)), Spread(r.Over(m => m.Test.Chance)), Spread(r.Over(m => m.Test.Floor)), Spread(r.Over(m => m.Test.LearnableLeft)),
                    Spread(r.Over(m => m.HeldOut?.MseScaled)), Spread(r.Over(m => m.HeldOut?.LearnableLeft)),
                ]));
            page.Table(
                ["R² on the test", .. question.SelectMany(r => r.Metrics[0].Test.Parameters.Keys).Distinct()],
                question.Select(r => (IReadOnlyList<Html>)
                [
                    Html.Text(r.Name),
                    .. question.SelectMany(q => q.Metrics[0].Test.Parameters.Keys).Distinct().Select(key => Spread(r.Over(m => m.Test.Parameters.GetValueOrDefault(key)?.R2))),
                ]));
            page.Record(question.Key, question.ToDictionary(r => r.Name, r => r.Metrics));
        }

        page.Write(directory);
    }

    private static Html Spread((double? Mean, double? StandardDeviation) figure) => figure switch
    {
        (null, _) => Html.Text(Html.None),
        ({ } mean, null) => Html.Number(mean, "F4"),
        ({ } mean, { } deviation) => Html.Of($"{mean:F4} ± {deviation:F4}"),
    };

    private static Figure LearnableLeft(IReadOnlyList<RunSummary> runs)
    {
        const int RowHeight = 22;
        var plot = FigureStyle.NewPlot("", "learnable left (1: learnt nothing, 0: all)");
        plot.Axes.Left.MinimumSize = plot.Axes.Left.MaximumSize = 150;
        FigureStyle.Categories(plot.Axes.Left, [.. runs.Select(r => r.Name)]);
        FigureStyle.Lines(plot, [[new(1, -0.6), new(1, runs.Count - 0.4)]], Ink.Mean, 1.2f, dashed: true);
        foreach (var (row, run) in runs.Index())
        {
            Dots(plot, run, row + 0.14, m => m.HeldOut?.LearnableLeft, Ink.Inferred);
            Dots(plot, run, row - 0.14, m => m.Test.LearnableLeft, Ink.Fitted);
        }

        plot.Axes.AutoScale();
        plot.Axes.SetLimitsY(runs.Count - 0.4, -0.6);
        return new Figure("learnable-left", "What each run left unlearnt, a dot a seed", "Learnable left by definition and seed; the tables have the numbers.", Figure.WideWidth, 60 + (RowHeight * runs.Count), plot);
    }

    private static void Dots(Plotting::ScottPlot.Plot plot, RunSummary run, double row, Func<PipelineMetrics, double?> figure, Ink ink)
    {
        double[] values = [.. run.Metrics.Select(figure).OfType<double>()];
        FigureStyle.Points(plot, values, [.. values.Select(_ => row)], ink, 6);
    }
}
