namespace GlifMl.Pipelines;

/// <summary>
/// What an evaluation writes of each trace of the test split: predictions.csv, and of a model with a posterior calibration.csv. Of the
/// validation split the posteriors are looked at, and nothing is written.
/// </summary>
internal sealed class EvaluatedTables : IDisposable
{
    private readonly Pipeline _pipeline;
    private readonly ModelDirectory _folder;
    private readonly OnnxModelInfo _info;
    private readonly bool _isTest;
    private readonly RowFile? _predictions;
    private readonly RowFile? _ranks;
    private readonly Calibration? _calibration;
    private readonly IEnumerator<double[]>? _references;
    private readonly MemberSpread? _members;

    public EvaluatedTables(Pipeline pipeline, ModelDirectory folder, OnnxModelInfo info, string split, EvaluatedSplit rows)
    {
        (_pipeline, _folder, _info, _isTest) = (pipeline, folder, info, split == "test");
        string[] names = [.. info.Parameters.Select(p => p.Name)];
        if (info.Posterior is { } posterior)
        {
            var design = pipeline.Definition.Dataset.Parameters;
            _calibration = new(names, posterior, [.. info.Parameters.Select(p => PriorRange.Of(design, p))]);
            _references = Calibration.References(() => rows.Labels().Select(row => row.Truth), rows.Inputs.Rows).GetEnumerator();
        }

        if (info.Members > 1)
            _members = new(info);
        if (!_isTest)
            return;
        _predictions = PredictionFile.Create(folder.Predictions, names);
        _ranks = _calibration is null ? null : CalibrationFile.Create(folder.Calibration, names);
    }

    /// <summary>Adds a trace.</summary>
    public void Add(EvaluatedRow row)
    {
        if (_predictions is not null)
            PredictionFile.Add(_predictions, row.Labels.Truth, row.Scores);
        var posterior = _calibration is null ? null : new Posterior(_info, row.Answers);
        _members?.Add(row.Answers, posterior);
        if (_calibration is null || !_references!.MoveNext())
            return;
        var ranks = _calibration.Add(posterior!, row.Labels.Truth, _references.Current);
        if (_ranks is not null)
            CalibrationFile.Add(_ranks, ranks);
    }

    /// <summary>Gives the files their names.</summary>
    /// <param name="metrics">Of the same traces.</param>
    /// <returns>The metrics with what the posteriors are worth, and how far an ensemble's networks lie apart.</returns>
    public SplitMetrics Complete(SplitMetrics metrics)
    {
        if (_predictions is not null)
            _pipeline.Folder.Change($"write {_folder.Predictions}", _predictions.Commit);
        if (_ranks is not null)
            _pipeline.Folder.Change($"write {_folder.Calibration}", _ranks.Commit);
        else if (_isTest && File.Exists(_folder.Calibration))
            _pipeline.Folder.Change($"delete {_folder.Calibration}", () => File.Delete(_folder.Calibration));
        var result = _calibration?.Complete(metrics) ?? metrics;
        return _members?.Complete(result) ?? result;
    }

    /// <summary>Removes what was not given its name.</summary>
    public void Dispose()
    {
        _predictions?.Dispose();
        _ranks?.Dispose();
        _references?.Dispose();
    }
}
