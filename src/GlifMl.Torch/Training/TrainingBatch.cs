using static TorchSharp.torch;

namespace GlifMl.Torch;

/// <summary>Copies traces and labels into tensors.</summary>
internal static class TrainingBatch
{
    /// <summary>The next rows of a pass.</summary>
    /// <returns>
    /// Traces, cut to the longest; the numbers beside them; the samples of each, null where all have as many; labels.
    /// </returns>
    public static (Tensor Features, Tensor? Beside, int[]? Lengths, Tensor Labels) Next(TraceStore store, TraceStore.Pass pass, int rows)
    {
        var (samples, targets, numbers) = (store.FeatureLength / store.Channels, store.LabelLength, store.BesideLength);
        var features = empty(rows, samples, store.Channels);
        var beside = numbers > 0 ? empty(rows, numbers) : null;
        var labels = empty(rows, targets);
        var lengths = new int[rows];
        for (var i = 0; i < rows; i++)
        {
            lengths[i] = pass.Next(
                TensorMemory.Values(features).Slice(i * store.FeatureLength, store.FeatureLength),
                beside is null ? [] : TensorMemory.Values(beside).Slice(i * numbers, numbers),
                TensorMemory.Values(labels).Slice(i * targets, targets)
            );
        }

        var longest = lengths.Max();
        if (longest < samples)
            features = features.narrow(1, 0, longest).contiguous();
        return (features, beside, Array.TrueForAll(lengths, l => l == longest) ? null : lengths, labels);
    }
}
