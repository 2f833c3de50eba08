using GlifMl.Datasets;
using GlifMl.Onnx;
using GlifMl.Pipelines;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl;

/// <summary>What needs data, models and figures together, among ML.NET's catalogues.</summary>
public static class PipelinesCatalog
{
    /// <summary>
    /// Recordings as the rows that a model reads, a row a sweep, made when a cursor comes to them: begun where the current begins, measured
    /// from rest, sampled and cut as the model's training traces were. A saved chain scores them as they are.
    /// </summary>
    /// <param name="catalog">ML.NET's data operations.</param>
    /// <param name="path">A recording, or a folder of recordings.</param>
    /// <param name="model">What the model reads: <see cref="OnnxModel.Info"/>.</param>
    /// <param name="reading">Which sweeps, and what becomes of their spikes; null: all, and cut where the training traces' were.</param>
    /// <param name="options">Where a sweep starts and what rest is; null: both are found from it.</param>
    /// <returns>The view: <c>Source</c>, <c>Sweep</c>, <c>VoltageMv</c>, <c>StimulusPa</c> and <c>dt</c>.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static IDataView LoadRecordings(
        this DataOperationsCatalog catalog,
        string path,
        OnnxModelInfo model,
        SweepReading? reading = null,
        RecordingOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        reading ??= new SweepReading();
        var preparer = new RecordingPreparer(model);
        var schema = SchemaDefinition.Create(typeof(PreparedRow));
        foreach (var trace in new[] { nameof(PreparedRow.VoltageMv), nameof(PreparedRow.StimulusPa) })
            schema[trace].ColumnType = new VectorDataViewType(NumberDataViewType.Single, model.Samples);
        return catalog.LoadFromEnumerable(DatasetsCatalog.Sweeps(path, reading.Sweeps).Select(Prepared), schema);

        PreparedRow Prepared(Sweep sweep)
        {
            var cut = model.SpikeCuts == SpikeCutHandling.None ? sweep : RecordedSpikes.Cut(sweep, SweepMeasures.Of(sweep), reading.Spikes);
            var recording = new Recording(cut.SamplingIntervalSeconds, cut.VoltageMv, cut.CurrentPa, cut.IsAbsolute)
            {
                StartSeconds = cut.StartSeconds,
            };
            var prepared = preparer.Prepare(recording, options);
            return new PreparedRow
            {
                Source = sweep.Source,
                Sweep = sweep.Number,
                SamplingIntervalSeconds = prepared.SamplingIntervalSeconds,
                VoltageMv = prepared.VoltageMv,
                StimulusPa = prepared.StimulusPa ?? new float[model.Samples],
            };
        }
    }

    /// <summary>
    /// How well parameters are told, each between chance (always answering the rows' label mean) and floor (the best that anyone can do
    /// with these inputs), in the published study's label units.
    /// </summary>
    /// <param name="catalog">ML.NET's regression operations.</param>
    /// <param name="scored">Rows with labels, inputs and answers, as a fitted chain gives them.</param>
    /// <param name="targets">Allen keys of the parameters, columns of labels in SI units. Default null: the answer's slot names.</param>
    /// <param name="parametersColumnName">The answers: a vector of Single, SI units, in the targets' order.</param>
    /// <param name="inputColumnNames">What the model read, which decides the floor. Default null: voltage, and stimulus if any.</param>
    /// <returns>The figures.</returns>
    /// <exception cref="ArgumentException">A column is missing, or the answer's slots have no names and no targets are given.</exception>
    /// <exception cref="InvalidDataException">There are no rows, or an answer is not finite.</exception>
    public static SplitMetrics EvaluateTargets(
        this RegressionCatalog catalog,
        IDataView scored,
        IReadOnlyList<string>? targets = null,
        string parametersColumnName = TraceColumns.Parameters,
        IReadOnlyList<string>? inputColumnNames = null
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        var schema = scored.Schema;
        var parameters = Column(parametersColumnName);
        targets ??= SlotNames(parameters);
        string[] usual = [TraceColumns.VoltageMv, TraceColumns.StimulusPa];
        DataViewSchema.Column[] labels = [.. targets.Select(Column)],
            inputs = [.. (inputColumnNames ?? [.. usual.Where(name => schema.GetColumnOrNull(name) is not null)]).Select(Column)];
        var metrics = new MetricsAccumulator(targets);
        var groups = InputGroups.Of(Inputs(), scored.GetRowCount() ?? Inputs().LongCount());
        foreach (var (row, (truth, _)) in Rows([.. labels], null).Index())
            metrics.Expect(truth, groups.Of(row));
        foreach (var (row, (truth, answers)) in Rows([.. labels, parameters], parameters).Index())
            metrics.Add(truth, groups.Of(row), answers);
        return metrics.Compute();

        IEnumerable<InputKey> Inputs()
        {
            using var cursor = scored.GetRowCursor(inputs);
            var traces = Array.ConvertAll(inputs, column => cursor.GetGetter<VBuffer<float>>(column));
            var channels = new ReadOnlyMemory<float>[traces.Length];
            VBuffer<float> trace = default;
            while (cursor.MoveNext())
            {
                for (var k = 0; k < channels.Length; k++)
                {
                    traces[k](ref trace);
                    channels[k] = trace.DenseValues().ToArray();
                }

                yield return InputKey.Of(channels);
            }
        }

        IEnumerable<(double[] Truth, float[] Answers)> Rows(DataViewSchema.Column[] columns, DataViewSchema.Column? answered)
        {
            using var cursor = scored.GetRowCursor(columns);
            var truths = Array.ConvertAll(labels, column => cursor.GetGetter<double>(column));
            var answer = answered is { } asked ? cursor.GetGetter<VBuffer<float>>(asked) : null;
            var truth = new double[labels.Length];
            VBuffer<float> values = default;
            while (cursor.MoveNext())
            {
                answer?.Invoke(ref values);
                for (var k = 0; k < truth.Length; k++)
                    truths[k](ref truth[k]);
                yield return (truth, answer is null ? [] : [.. values.DenseValues()]);
            }
        }

        DataViewSchema.Column Column(string name) =>
            schema.GetColumnOrNull(name)
            ?? throw new ArgumentException($"columns: found {string.Join(", ", schema.Select(c => $"'{c.Name}'"))}; expected '{name}'");
    }

    private static string[] SlotNames(DataViewSchema.Column column)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        if (!column.HasSlotNames())
            throw new ArgumentException($"column '{column.Name}': found slots without names; expected targets, which say what they are");
        column.GetSlotNames(ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }

    private sealed class PreparedRow
    {
        public string Source { get; set; } = "";

        public long Sweep { get; set; }

        [ColumnName(GlifParameter.TimeStep)]
        public double SamplingIntervalSeconds { get; set; }

        public float[] VoltageMv { get; set; } = [];

        public float[] StimulusPa { get; set; } = [];
    }
}
