using GlifMl.Reporting;

namespace GlifMl;

/// <summary>
/// Writes a trained model's report: report/report.html, one file that needs no network, with report.json, the figures as PNG and SVG, and
/// the compared neurons as Allen neuron_config JSON beside it.
/// </summary>
public static class ReportBuilder
{
    /// <summary>Builds the report from what the model's folder holds, without training or shards.</summary>
    /// <param name="directory">
    /// The folder: pipeline.yaml, model.onnx and metrics.json, and training.jsonl and predictions.csv where there are any.
    /// </param>
    /// <param name="catalog">The estimators that the definition may name; null: <see cref="EstimatorCatalog.Default"/>.</param>
    /// <param name="cancellation">Stops between simulations.</param>
    /// <returns>The path of report.html.</returns>
    /// <exception cref="FileNotFoundException">A file of the folder is missing; the message says which command writes it.</exception>
    /// <exception cref="InvalidDataException">A file of the folder is not what it should be.</exception>
    public static string Build(ModelDirectory directory, EstimatorCatalog? catalog = null, CancellationToken cancellation = default)
    {
        var source = ReportSource.Load(directory, catalog);
        var page = new ReportPage(source.Definition.Name);
        SummarySection.Add(page, source);
        CellSection.Add(page, source);

        var full = Response.Simulate(source.Subjects, Protocol.Full(source.Neuron.DtSeconds), cancellation);
        var window = StudyWindow(source, cancellation);
        FittedResponsesSection.Add(page, window ?? full);
        ConfigurationsSection.Add(page, source);
        TrainingSection.Add(page, source);
        TestSection.Add(page, source);
        PosteriorSection.Add(page, source);
        MembersSection.Add(page, source.Metrics.Test);
        RealCellsSection.Add(page, source);
        InferredSection.Add(page, source);
        ResponsesSection.Add(page, source, window, full);
        SpikesSection.Add(page, source, window);
        RunSection.Add(page, source);

        foreach (var subject in source.Subjects)
            AtomicFile.WriteAllText(
                Path.Combine(directory.Report, "neurons", $"{subject.Key}_neuron_config.json"),
                subject.Neuron.ToJson() + "\n"
            );
        return page.Write(directory.Report);
    }

    /// <summary>The study's own window is only shown for the study's own data.</summary>
    private static IReadOnlyList<Response[]>? StudyWindow(ReportSource source, CancellationToken cancellation)
    {
        var trace = source.Definition.Dataset.Trace;
        return source.IsStudy
            ? Response.Simulate(source.Subjects, Protocol.StudyWindow(1 / trace.SamplingRateHz!.Value, trace.Simulate), cancellation)
            : null;
    }
}
