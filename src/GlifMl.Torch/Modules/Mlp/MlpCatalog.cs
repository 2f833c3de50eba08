using Microsoft.ML;
using static TorchSharp.torch;

namespace GlifMl.Torch;

/// <summary>The multilayer perceptron among ML.NET's regression trainers.</summary>
public static class MlpCatalog
{
    /// <summary>A multilayer perceptron over a whole trace, all samples and channels side by side.</summary>
    /// <param name="catalog">ML.NET's regression trainers.</param>
    /// <param name="options">The network and how it is trained.</param>
    /// <param name="labelColumnName">The label column: a vector of Single, in units of order one.</param>
    /// <param name="featureColumnName">The trace column: a vector of Single, [samples] or [samples, channels], without NaN.</param>
    /// <param name="scoreColumnName">The score column it adds: as many values as the label.</param>
    /// <param name="validation">Rows of the same columns that choose the best epoch; null: the last epoch stands.</param>
    /// <param name="run">Files and callbacks of the run; null: none.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static TorchModuleTrainer Mlp(
        this RegressionCatalog.RegressionTrainers catalog,
        MlpOptions options,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        string scoreColumnName = "Score",
        IDataView? validation = null,
        TrainingRun? run = null
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        var columns = new TrainerColumns(labelColumnName, featureColumnName, scoreColumnName);
        return new TorchModuleTrainer(columns, options, TraceLayout.SamplesChannels, shape => Network(options, shape), validation, run);
    }

    private static nn.Module<Tensor, Tensor> Network(MlpOptions options, ModuleShape shape)
    {
        var layers = new List<nn.Module<Tensor, Tensor>> { nn.Flatten() };
        var width = shape.Samples * shape.Channels;
        foreach (var hidden in options.Hidden)
        {
            layers.Add(nn.Linear(width, hidden));
            if (options.BatchNorm)
                layers.Add(nn.BatchNorm1d(hidden));
            layers.Add(options.Activation.Create());
            if (options.Dropout > 0)
                layers.Add(nn.Dropout(options.Dropout));
            width = hidden;
        }

        layers.Add(nn.Linear(width, shape.Targets));
        return nn.Sequential(layers);
    }
}
