using GlifMl.Datasets;
using GlifMl.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Pipelines;

/// <summary>Tells a model, in its metadata, between which bounds its score lies: they are known once it has been evaluated.</summary>
internal static class ModelBounds
{
    /// <summary>
    /// Writes the test split's chance and floor into model.zip and model.onnx, whose graphs stay the bytes that they are;
    /// neither is written where it says so already.
    /// </summary>
    /// <param name="change">Does a change, told what it is.</param>
    /// <param name="folder">The folder that the run works in.</param>
    /// <param name="info">What the model says of itself now.</param>
    /// <param name="test">The test split's metrics.</param>
    /// <param name="shards">The test split, whose traces limit what belongs to the model; null: the limit stays what it is.</param>
    public static void Write(
        Action<string, Action> change,
        ModelDirectory folder,
        OnnxModelInfo info,
        SplitMetrics test,
        ShardDataView? shards = null
    )
    {
        var belonging = shards is null ? info.Belonging : info.Belonging?.LimitedBy(Features(shards), shards.Rows);
        if (info.Chance == test.Chance && info.Floor == test.Floor && info.Belonging?.Limit == belonging?.Limit)
            return;
        info = info with { Chance = test.Chance, Floor = test.Floor, Belonging = belonging };
        var onnx = OnnxFile.WithMetadata(File.ReadAllBytes(folder.Onnx), info.ToMetadata());
        change($"write {folder.Zip}", () => StockModel.Save(folder.Zip, onnx, Columns(info), info.GraphInputs, info.Outputs, Slots(info)));
        change($"write {folder.Onnx}", () => AtomicFile.WriteAllBytes(folder.Onnx, onnx));
    }

    private static IEnumerable<double[]> Features(ShardDataView shards)
    {
        var (samples, hasStimulus) = (shards.ShardSchema.Samples, shards.ShardSchema.HasStimulus);
        string[] columns = hasStimulus ? [ShardSchema.VoltageColumn, ShardSchema.StimulusColumn] : [ShardSchema.VoltageColumn];
        return ShardRows.Map(shards, columns, Of).SelectMany(group => group);

        double[][] Of(TraceBatch batch)
        {
            var features = new double[batch.Rows][];
            for (var row = 0; row < features.Length; row++)
            {
                var voltage = batch.Voltages.Span.Slice(row * samples, samples);
                features[row] = TraceBelongingFeatures.Of(
                    voltage,
                    hasStimulus ? batch.Stimuli.Span.Slice(row * samples, samples) : default
                );
            }
            return features;
        }
    }

    /// <summary>What a saved model says of the numbers of its answers.</summary>
    public static Dictionary<string, string[]> Slots(OnnxModelInfo info) =>
        new() { [TraceColumns.Parameters] = [.. info.Parameters.Select(p => p.Name)] };

    private static DataViewSchema Columns(OnnxModelInfo info)
    {
        var builder = new DataViewSchema.Builder();
        foreach (var input in info.Inputs)
            builder.AddColumn(input, new VectorDataViewType(NumberDataViewType.Single, info.Samples));
        foreach (var known in info.Known)
            builder.AddColumn(known.Name, NumberDataViewType.Double);
        return builder.ToSchema();
    }
}
