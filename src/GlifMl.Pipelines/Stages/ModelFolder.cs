namespace GlifMl.Pipelines;

/// <summary>
/// The folder of a run's model, looked into before anything is done: a finished model is not trained again, and one of another definition
/// is not written to unless that is asked for.
/// </summary>
internal sealed class ModelFolder(Pipeline pipeline)
{
    private readonly ModelDirectory _model = pipeline.Model;
    private readonly ModelSwap _swap = new(pipeline.Model, pipeline.Settings.BeforeChange);

    /// <summary>Looks.</summary>
    /// <returns>
    /// Whether a model is there (this definition's, or, where it is to be replaced, any), and its figures, where it is this definition's
    /// and was evaluated since it was trained.
    /// </returns>
    /// <exception cref="InvalidDataException">
    /// Another definition's model is there, and is not to be replaced; or metrics.json is damaged.
    /// </exception>
    public (bool IsThere, PipelineMetrics? Metrics) Look()
    {
        _swap.Complete();
        if (File.Exists(_model.ListTable))
            throw new InvalidDataException($"{_model.Path}: found the folder of a list of runs; expected one for a model");
        if (!File.Exists(_model.Onnx))
            return (false, null);
        if (pipeline.Settings.Force)
            return (true, null);
        return Other() is { } other
            ? throw new InvalidDataException($"{_model.Path}: found {other}: name another folder with --output, or pass --force")
            : (true, Metrics());
    }

    /// <summary>The figures of this definition's model, evaluated since it was trained; null without one.</summary>
    /// <exception cref="InvalidDataException">metrics.json is damaged.</exception>
    public PipelineMetrics? Finished()
    {
        _swap.Complete();
        return File.Exists(_model.Onnx) && Other() is null ? Metrics() : null;
    }

    /// <summary>Starts a run.</summary>
    /// <param name="isThere">Whether a model is there.</param>
    /// <returns>The folder to work in: the model's, or, while another model stands there, one within it.</returns>
    public ModelDirectory Begin(bool isThere)
    {
        var resume = pipeline.Settings.Resume;
        if (isThere)
            return _swap.Begin(resume);
        _swap.RemoveStrays(resume && pipeline.Definition.Steps[^1].Options is TrainerOptions);
        return _model;
    }

    /// <summary>Ends a run: what it made takes the place of what is there.</summary>
    /// <param name="work">The folder that it worked in.</param>
    public void End(ModelDirectory work)
    {
        if (work != _model)
            _swap.Commit(Definition(_model));
    }

    /// <summary>Writes the definition to where the run works. Running it from the model's folder repeats the run.</summary>
    public void Keep(ModelDirectory work) =>
        Change($"write {work.Definition}", () => AtomicFile.WriteAllText(work.Definition, Definition(work)));

    /// <summary>Does one change.</summary>
    public void Change(string what, Action change) => _swap.Change(what, change);

    private string Definition(ModelDirectory of) =>
        DefinitionWriter.ToYaml(
            pipeline.Definition with
            {
                Output = pipeline.Output,
                Data = S3Address.FullPath(pipeline.DataDirectory),
            },
            of.Path
        );

    /// <summary>What is there in place of this definition's model; null where it is this one's.</summary>
    private string? Other()
    {
        try
        {
            using var model = OnnxModel.Load(_model.Onnx);
            var difference = DefinitionDifference.Of(model.Info, _model.Path, pipeline.Definition, pipeline.DataHash, pipeline.Catalog);
            return difference is null ? null : $"a model with {difference}";
        }
        catch (InvalidDataException e)
        {
            return $"no model of this program ({e.Message.ReplaceLineEndings(" ")}); expected one, or none";
        }
    }

    private PipelineMetrics? Metrics() =>
        PipelineMetrics.Load(_model.Metrics) is { } metrics
        && metrics.DataHash == pipeline.DataHash
        && metrics.Seed == pipeline.Definition.Seed
        && File.GetLastWriteTimeUtc(_model.Metrics) >= File.GetLastWriteTimeUtc(_model.Onnx)
            ? metrics
            : null;
}
