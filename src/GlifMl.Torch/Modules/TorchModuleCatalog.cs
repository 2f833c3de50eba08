using Microsoft.ML;
using static TorchSharp.torch;

namespace GlifMl.Torch;

/// <summary>TorchSharp modules of one's own among ML.NET's regression trainers.</summary>
public static class TorchModuleCatalog
{
    /// <summary>Trains a TorchSharp module with the usual settings.</summary>
    /// <param name="catalog">ML.NET's regression trainers.</param>
    /// <param name="create">Creates the module: [batch, samples, channels] to [batch, targets]. The seed has been set when it is called.</param>
    /// <param name="labelColumnName">The label column: a vector of Single, in units of order one.</param>
    /// <param name="featureColumnName">The trace column: a vector of Single, [samples] or [samples, channels], without NaN.</param>
    /// <param name="epochs">Passes over the training traces.</param>
    /// <param name="validation">Rows of the same columns that choose the best epoch; null: the last epoch stands.</param>
    /// <returns>The trainer; its scores go to the column <c>Score</c>.</returns>
    public static TorchModuleTrainer TorchModule(
        this RegressionCatalog.RegressionTrainers catalog,
        Func<nn.Module<Tensor, Tensor>> create,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        int epochs = 20,
        IDataView? validation = null
    ) =>
        TorchModule(
            catalog,
            new TorchModuleOptions { Epochs = epochs },
            create,
            labelColumnName,
            featureColumnName,
            validation: validation
        );

    /// <summary>Trains a TorchSharp module with all settings.</summary>
    /// <param name="catalog">ML.NET's regression trainers.</param>
    /// <param name="options">How it is trained, and how its input lies.</param>
    /// <param name="create">Creates the module: a batch of traces in the options' layout to [batch, targets]. The seed has been set when it is called.</param>
    /// <param name="labelColumnName">The label column: a vector of Single, in units of order one.</param>
    /// <param name="featureColumnName">The trace column: a vector of Single, [samples] or [samples, channels], without NaN.</param>
    /// <param name="scoreColumnName">The score column it adds: as many values as the label.</param>
    /// <param name="validation">Rows of the same columns that choose the best epoch; null: the last epoch stands.</param>
    /// <param name="run">Files and callbacks of the run; null: none.</param>
    /// <returns>The trainer.</returns>
    public static TorchModuleTrainer TorchModule(
        this RegressionCatalog.RegressionTrainers catalog,
        TorchModuleOptions options,
        Func<nn.Module<Tensor, Tensor>> create,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        string scoreColumnName = "Score",
        IDataView? validation = null,
        TrainingRun? run = null
    ) => TorchModule(catalog, options, _ => create(), labelColumnName, featureColumnName, scoreColumnName, validation, run);

    /// <summary>Trains a TorchSharp module whose layers depend on the size of the columns.</summary>
    /// <param name="catalog">ML.NET's regression trainers.</param>
    /// <param name="options">How it is trained, and how its input lies.</param>
    /// <param name="create">Creates the module for the columns' shape. The seed has been set when it is called.</param>
    /// <param name="labelColumnName">The label column: a vector of Single, in units of order one.</param>
    /// <param name="featureColumnName">The trace column: a vector of Single, [samples] or [samples, channels], without NaN.</param>
    /// <param name="scoreColumnName">The score column it adds: as many values as the label.</param>
    /// <param name="validation">Rows of the same columns that choose the best epoch; null: the last epoch stands.</param>
    /// <param name="run">Files and callbacks of the run; null: none.</param>
    /// <returns>The trainer.</returns>
    public static TorchModuleTrainer TorchModule(
        this RegressionCatalog.RegressionTrainers catalog,
        TorchModuleOptions options,
        Func<ModuleShape, nn.Module<Tensor, Tensor>> create,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        string scoreColumnName = "Score",
        IDataView? validation = null,
        TrainingRun? run = null
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        var columns = new TrainerColumns(labelColumnName, featureColumnName, scoreColumnName);
        return new TorchModuleTrainer(columns, options, options.Layout, create, validation, run);
    }
}
