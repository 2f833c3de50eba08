namespace GlifMl;

/// <summary>A trained model's folder.</summary>
/// <param name="Path">The folder.</param>
public sealed record ModelDirectory(string Path)
{
    /// <summary>The whole chain as one ONNX graph.</summary>
    public string Onnx => File("model.onnx");

    /// <summary>The same for ML.NET's <c>ml.Model.Load</c>.</summary>
    public string Zip => File("model.zip");

    /// <summary>The figures.</summary>
    public string Metrics => File("metrics.json");

    /// <summary>The resolved definition.</summary>
    public string Definition => File("pipeline.yaml");

    /// <summary>One line an epoch.</summary>
    public string TrainingLog => File("training.jsonl");

    /// <summary>True and predicted parameters of the test split.</summary>
    public string Predictions => File("predictions.csv");

    /// <summary>The folder of report.html, report.json, the figures and the neurons.</summary>
    public string Report => File("report");

    private string File(string name) => System.IO.Path.Combine(Path, name);
}
