using System.Diagnostics;

namespace GlifMl.Pipelines;

/// <summary>How long an exported model takes for a trace.</summary>
internal static class ScoringSpeed
{
    // Four batches of OnnxModel's 16 rows; 64 traces of 50,000 samples are 13 MB.
    private const int Traces = 64;
    private const int Passes = 3;

    /// <summary>
    /// Scores the first test traces from memory, in batches, and takes the quickest of a few passes: what the others took longer was not
    /// the model's.
    /// </summary>
    /// <returns>Microseconds a trace, and what ran the model, in words.</returns>
    public static (double Microseconds, string Engine) Measure(Pipeline pipeline)
    {
        using var model = OnnxModel.Load(pipeline.Model.Onnx, pipeline.Settings.Scoring);
        var shards = pipeline.Open("test");
        var rows = (int)Math.Min(shards.Rows, Traces);
        var (voltage, stimulus) = ShardRows.First(shards, rows, model.Info, pipeline.Settings.Cancellation);
        var known = model.Info.TypicalKnown(rows);
        var quickest = TimeSpan.MaxValue;
        // The first pass warms up: OnnxRuntime sizes its memory by it.
        for (var pass = 0; pass <= Passes; pass++)
        {
            var start = Stopwatch.GetTimestamp();
            model.Score(voltage, stimulus, known);
            var elapsed = Stopwatch.GetElapsedTime(start);
            if (pass > 0 && elapsed < quickest)
                quickest = elapsed;
        }

        return (quickest.TotalMicroseconds / rows, model.Engine);
    }
}
