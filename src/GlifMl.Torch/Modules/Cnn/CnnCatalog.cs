using GlifMl.Onnx;
using Microsoft.ML;
using static TorchSharp.torch;

namespace GlifMl.Torch;

/// <summary>The convolution network over time among ML.NET's regression trainers.</summary>
public static class CnnCatalog
{
    /// <summary>Convolutions over time, each with activation and pooling, then a linear head over all that is left.</summary>
    /// <param name="catalog">ML.NET's regression trainers.</param>
    /// <param name="options">The network and how it is trained.</param>
    /// <param name="labelColumnName">The label column: a vector of Single, in units of order one.</param>
    /// <param name="featureColumnName">The trace column: a vector of Single, [samples] or [samples, channels], without NaN.</param>
    /// <param name="scoreColumnName">The score column it adds: as many values as the label.</param>
    /// <param name="validation">Rows of the same columns that choose the best epoch; null: the last epoch stands.</param>
    /// <param name="run">Files and callbacks of the run; null: none.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static TorchModuleTrainer Cnn(
        this RegressionCatalog.RegressionTrainers catalog,
        CnnOptions options,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        string scoreColumnName = "Score",
        IDataView? validation = null,
        TrainingRun? run = null
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        var columns = new TrainerColumns(labelColumnName, featureColumnName, scoreColumnName);
        return new TorchModuleTrainer(columns, options, TraceLayout.ChannelsSamples, shape => Network(options, shape), validation, run);
    }

    private static nn.Module<Tensor, Tensor> Network(CnnOptions options, ModuleShape shape)
    {
        var layers = new List<nn.Module<Tensor, Tensor>>();
        var padding = options.KernelSize / 2;
        var convolution = new TimeWindow(options.KernelSize, options.Stride, padding, padding);
        var pool = new TimeWindow(options.PoolSize, options.PoolSize);
        var (channels, samples) = (shape.Channels, (long)shape.Samples);
        for (var k = 0; k < options.Channels.Count; k++)
        {
            var convolved = convolution.OutputLength(samples);
            if (convolved < options.PoolSize)
            {
                throw new ArgumentException(
                    $"cnn: {convolved} of {shape.Samples} samples are left after convolution {k + 1} of {options.Channels.Count}; expected at least pool_size: {options.PoolSize}"
                );
            }

            layers.Add(nn.Conv1d(channels, options.Channels[k], options.KernelSize, options.Stride, padding));
            if (options.BatchNorm)
                layers.Add(nn.BatchNorm1d(options.Channels[k]));
            layers.Add(options.Activation.Create());
            if (options.PoolSize > 1)
                layers.Add(options.Pooling == CnnPooling.Max ? nn.MaxPool1d(options.PoolSize) : nn.AvgPool1d(options.PoolSize));
            (channels, samples) = (options.Channels[k], pool.OutputLength(convolved));
        }

        layers.Add(nn.Flatten());
        if (options.Dropout > 0)
            layers.Add(nn.Dropout(options.Dropout));
        layers.Add(nn.Linear(channels * samples, shape.Targets));
        return nn.Sequential(layers);
    }
}
