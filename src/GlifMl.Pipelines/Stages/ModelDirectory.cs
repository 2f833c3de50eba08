namespace GlifMl;

/// <summary>A trained model's folder.</summary>
/// <param name="Path">The folder.</param>
public sealed record ModelDirectory(string Path)
{
    /// <summary>The whole chain as one ONNX graph. Where it is, a model is there: it is the last file that training writes.</summary>
    public string Onnx => File("model.onnx");

    /// <summary>The same for ML.NET's <c>ml.Model.Load</c>.</summary>
    public string Zip => File("model.zip");

    /// <summary>The figures.</summary>
    public string Metrics => File("metrics.json");

    /// <summary>The resolved definition; running it repeats the run, into this folder.</summary>
    public string Definition => File("pipeline.yaml");

    /// <summary>One line an epoch.</summary>
    public string TrainingLog => File("training.jsonl");

    /// <summary>True and predicted parameters of the test split.</summary>
    public string Predictions => File("predictions.csv");

    /// <summary>Where the truth lies in the posteriors of the test split, of a model that has posteriors.</summary>
    public string Calibration => File("calibration.csv");

    /// <summary>The folder of report.html, report.json, the figures and the neurons.</summary>
    public string Report => File("report");

    /// <summary>The page in it.</summary>
    internal string ReportPage => System.IO.Path.Combine(Report, "report.html");

    /// <summary>The table that is in it where the folder is that of a list of runs.</summary>
    internal string ListTable => System.IO.Path.Combine(Report, "table.md");

    /// <summary>The folder of TensorBoard events.</summary>
    internal string Events => File("tensorboard");

    /// <summary>The folder of what a training goes on from.</summary>
    internal string Checkpoint => File("checkpoint");

    /// <summary>What a training goes on from.</summary>
    internal string LastCheckpoint => System.IO.Path.Combine(Checkpoint, "last.ckpt");

    /// <summary>The folder of an evaluation that several processes share.</summary>
    internal string Evaluated => System.IO.Path.Combine(Checkpoint, "evaluated");

    /// <summary>What a run holds while it works in the folder.</summary>
    internal string Lock => System.IO.Path.Combine(Checkpoint, "lock");

    private string File(string name) => System.IO.Path.Combine(Path, name);
}
