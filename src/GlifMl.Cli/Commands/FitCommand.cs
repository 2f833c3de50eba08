using System.CommandLine;
using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Text;
using GlifMl.Pipelines;
using GlifMl.Reporting;
using GlifMl.Simulation;

namespace GlifMl.Cli;

/// <summary>Recordings of cells to neurons: parameters with intervals, configs, a report.</summary>
internal static class FitCommand
{
    private const string Table = "cells.csv";

    public static Command Create(Terminal terminal, CancellationToken cancellation)
    {
        var inputs = new Argument<string[]>("RECORDING")
        {
            Description = "Recordings, each a cell; folders of such; CELL=FILE,FILE for a cell of several; in S3 too (s3://BUCKET/PREFIX).",
            Arity = ArgumentArity.OneOrMore,
        };
        var outOption = new Option<string>("--out")
        {
            Description = $"The folder: {Table}, and a folder a cell with neuron_config.json, nest.json and report.html.",
            HelpName = "DIR",
            Required = true,
        };
        var refine = new Option<bool>("--refine")
        {
            Description = "Also look for the GLIF that reproduces these very sweeps; the first answer stays what it is.",
        };
        var level = new NumberOption<int>("--level")
        {
            Description = "Which GLIF that is, 1 to 5. Default: 3.",
            HelpName = "N",
            DefaultValueFactory = _ => 3,
        };
        var sweeps = new SweepOptions();
        var (json, quiet) = (CommonOptions.Json(), CommonOptions.Quiet());
        var command = new Command("fit", "Fit neurons to recordings of cells: parameters with intervals, neuron configs, a report each.")
        {
            inputs,
            outOption,
            sweeps.Numbers,
            sweeps.Stimulus,
            sweeps.Repair,
            refine,
            level,
            json,
            quiet,
        };
        command.SetAction(parsed =>
        {
            var refined = parsed.GetValue(refine) ? parsed.GetValue(level) : (int?)null;
            if (refined is < 1 or > 5)
                throw new ArgumentException($"--level: found {refined}; expected 1 to 5");
            if (refined is null && parsed.GetResult(level) is { Implicit: false })
                throw new ArgumentException("--level: found no --refine; expected it, because the published-like neuron is a GLIF1");
            var cells = CellInput.Parse(parsed.GetRequiredValue(inputs));
            var reading = sweeps.ReadingOf(parsed);
            var fitter = new CellFitter(reading.Sweeps, reading.Repair.Apply, refined);
            var run = new FitRun(parsed.GetRequiredValue(outOption), refined is not null);
            using (var progress = terminal.Follow(parsed.GetValue(quiet)))
            {
                progress.StageStarted("fit");
                run.Take(fitter.Fit(cells, progress.StageProgressed, cancellation));
                progress.StageEnded($"{run.Fits.Count} cells");
            }
            if (cells.Count == 1 && run.Fits[0].Failure is { } failure)
                ExceptionDispatchInfo.Throw(failure);
            if (parsed.GetValue(json))
                terminal.WriteJson(run.Fits.Select(Json));
            else
                Print(terminal, run);
            return run.End(terminal);
        });
        return command;
    }

    private static void Print(Terminal terminal, FitRun run)
    {
        var text = new StringBuilder();
        MarkdownTable.Append(
            text,
            [
                ["cell", "C (pF)", "R_input (Mohm)", "th_inf (mV)", "rest (mV)", "sweeps", "spikes", "of neuron", "explained", "status"],
                .. run.Fits.SelectMany(Rows),
            ]
        );
        terminal.WriteMarkdown(text.ToString());
        foreach (var fit in run.Fits.Where(fit => fit.Failure is null))
        {
            var details = new StringBuilder($"{fit.Cell}:\n");
            foreach (var line in fit.Reasons.Select(reason => $"outside: {reason}").Concat(fit.Needs.Select(need => need.Text)))
                details.Append("  ").Append(line).Append('\n');
            foreach (var kind in fit.ReadByClosedForm.GroupBy(sweep => sweep.Features.Kind))
                details.Append(
                    Invariant.Text(
                        $"  {CellSweeps.Numbers(kind)} ({FitVerdict.Word(kind.Key)}): read by the closed form alone, not by the network\n"
                    )
                );
            foreach (var skipped in fit.Sweeps!.Skipped.GroupBy(s => s.Reason))
                details.Append(Invariant.Text($"  {Skipped([.. skipped])} left out: {skipped.Key}\n"));
            if (run.Fits.Count == 1)
                terminal.WriteMarkdown(details.ToString());
        }
        terminal.Writer.WriteLine($"{run.TablePath}: {run.Fits.Count} {(run.Fits.Count == 1 ? "cell" : "cells")}");
        if (run.Fits.Count == 1 && run.Reports.Count == 1)
            terminal.Writer.WriteLine($"report: {run.Reports[0]}");
    }

    private static string Skipped((string Sweep, string Reason)[] sweeps) =>
        sweeps.Length == 1 ? sweeps[0].Sweep : $"{sweeps.Length} sweeps";

    private static IEnumerable<string[]> Rows(CellFit fit)
    {
        if (fit.Reading is not { } reading || fit.Published is not { } published)
        {
            yield return [fit.Cell, .. Enumerable.Repeat("-", 8), fit.Status];
            yield break;
        }
        yield return
        [
            fit.Cell,
            Value(reading, CellReading.Capacitance),
            Value(reading, CellReading.Resistance),
            Value(reading, CellReading.Threshold),
            Number(reading.RestMv, "F1"),
            $"{fit.Sweeps!.Used.Count}",
            $"{fit.SpikesRecorded}",
            $"{published.Spikes}",
            Number(published.ExplainedVariance, "F2"),
            fit.Status,
        ];
        if (fit.Refined is not { } refined)
            yield break;
        var neuron = refined.Best.Neuron;
        yield return
        [
            $"  refined, GLIF{refined.Level}",
            Number(1e12 * neuron.EffectiveCapacitanceFarads, "F0"),
            Number(1e-6 / neuron.ConductanceSiemens, "F0"),
            Number(1e3 * neuron.EffectiveThresholdVolts, "F1"),
            "",
            "",
            "",
            $"{refined.Best.Spikes}",
            Number(refined.Best.ExplainedVariance, "F2"),
            "",
        ];
    }

    private static string Value(CellReading reading, int parameter)
    {
        var value = Math.Exp(reading.Log[parameter]);
        return Invariant.Text($"{value:F1} ± {value * reading.Deviations[parameter]:F1}");
    }

    private static string Number(double value, string format) =>
        double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : "-";

    private static object Json(CellFit fit) =>
        new
        {
            cell = fit.Cell,
            status = fit.Status,
            reason = fit.Reason,
            sweeps = fit.Sweeps?.Numbers(),
            parameters = CellTable
                .Named(fit)
                .ToDictionary(pair => pair.Key, pair => double.IsFinite(pair.Value) ? pair.Value : (double?)null),
            restMv = fit.Reading?.RestMv,
            explainedVariance = fit.Published?.ExplainedVariance,
            spikesRecorded = fit.SpikesRecorded,
            spikesSimulated = fit.Published?.Spikes,
            verdict = fit.Failure is null ? FitVerdict.Of(fit) : null,
            readByClosedForm = fit.ReadByClosedForm.Select(sweep => new
            {
                file = sweep.File,
                number = sweep.Number,
                kind = FitVerdict.Word(sweep.Features.Kind),
            }),
            needs = fit.Needs.Select(need => need.Text),
            skipped = fit.Sweeps?.Skipped.Select(s => new { sweep = s.Sweep, reason = s.Reason }),
            refined = fit.Refined is { } refined
                ? new
                {
                    level = refined.Level,
                    explainedVariance = refined.Best.ExplainedVariance,
                    spikesSimulated = refined.Best.Spikes,
                    fromExplainedVariance = refined.Start.ExplainedVariance,
                    fromSpikesSimulated = refined.Start.Spikes,
                }
                : null,
        };

    /// <summary>Writes each cell as it comes, and the table at the end, interrupted or not.</summary>
    private sealed class FitRun(string folder, bool refines)
    {
        public List<CellFit> Fits { get; } = [];

        public List<string> Reports { get; } = [];

        public string TablePath { get; } = Path.Combine(folder, Table);

        public bool IsInterrupted { get; private set; }

        public void Take(IEnumerable<CellFit> fits)
        {
            try
            {
                foreach (var fit in fits)
                {
                    if (fit.Failure is null)
                    {
                        var cell = Path.Combine(folder, fit.Cell);
                        CellFolder.Write(cell, fit);
                        Reports.Add(FitReport.Write(cell, fit));
                    }
                    Fits.Add(fit);
                }
            }
            catch (OperationCanceledException) when (Fits.Count > 0)
            {
                IsInterrupted = true;
            }
            CellTable.Write(TablePath, Fits, refines);
        }

        public int End(Terminal terminal)
        {
            CellFit[] failed = [.. Fits.Where(fit => fit.Failure is not null)];
            foreach (var fit in failed)
                terminal.Note($"glifml: {fit.Cell}: {fit.Reason}");
            foreach (var fit in Fits.Where(fit => fit.Reasons.Count > 0))
                terminal.Note($"glifml: warning: {fit.Cell}: outside: {fit.Reason}");
            if (failed.Length > 0)
                terminal.Note($"glifml: {failed.Length} of {Fits.Count} could not be read");
            if (IsInterrupted)
                terminal.Note($"glifml: interrupted after {Fits.Count} cells; {TablePath} has these and no others");
            return IsInterrupted ? ExitCode.Interrupted
                : failed.Length == 0 ? ExitCode.Done
                : failed.Length < Fits.Count ? ExitCode.Failed
                : ExitCode.BadInput;
        }
    }
}
