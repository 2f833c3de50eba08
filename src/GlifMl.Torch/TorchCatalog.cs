using GlifMl.Torch;
using Microsoft.ML;
using static TorchSharp.torch;
using Make = System.Func<GlifMl.ModuleShape, TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor>>;
using Trainers = Microsoft.ML.RegressionCatalog.RegressionTrainers;

namespace GlifMl;

/// <summary>
/// The networks of this package among ML.NET's regression trainers: the bidirectional LSTM, baselines, and TorchSharp modules of one's own.
/// </summary>
public static class TorchCatalog
{
    /// <summary>A bidirectional LSTM regressor with the usual settings.</summary>
    /// <param name="catalog">ML.NET's regression trainers.</param>
    /// <param name="labelColumnName">The label column: a vector of Single, in units of order one.</param>
    /// <param name="featureColumnName">The trace column: a vector of Single, [samples] or [samples, channels], without NaN.</param>
    /// <param name="hidden">Hidden units a direction.</param>
    /// <param name="epochs">Passes over the training traces.</param>
    /// <param name="validation">Rows of the same columns that choose the best epoch; null: the last epoch stands.</param>
    /// <returns>The trainer; its scores go to the column <c>Score</c>.</returns>
    public static BiLstmTrainer BiLstm(
        this RegressionCatalog.RegressionTrainers catalog,
        string labelColumnName = TraceColumns.Label,
        string featureColumnName = TraceColumns.Features,
        int hidden = 32,
        int epochs = 20,
        IDataView? validation = null
    ) =>
        BiLstm(catalog, new BiLstmOptions { Hidden = hidden, Epochs = epochs }, labelColumnName, featureColumnName, validation: validation);

    /// <summary>A bidirectional LSTM regressor with all its settings.</summary>
    /// <param name="catalog">ML.NET's regression trainers.</param>
    /// <param name="options">The network and how it is trained.</param>
    /// <param name="labelColumnName">The label column: a vector of Single, in units of order one.</param>
    /// <param name="featureColumnName">The trace column: a vector of Single, [samples] or [samples, channels], without NaN.</param>
    /// <param name="scoreColumnName">The score column it adds: as many values as the label.</param>
    /// <param name="validation">Rows of the same columns that choose the best epoch; null: the last epoch stands.</param>
    /// <param name="run">Files and callbacks of the run; null: none.</param>
    /// <param name="besideColumnName">
    /// A column of estimates beside the trace, a vector of Single, that the network corrects: training starts from the linear map of them
    /// that comes nearest to the label. Null: none.
    /// </param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static BiLstmTrainer BiLstm(
        this RegressionCatalog.RegressionTrainers catalog,
        BiLstmOptions options,
        string labelColumnName = TraceColumns.Label,
        string featureColumnName = TraceColumns.Features,
        string scoreColumnName = TraceColumns.Score,
        IDataView? validation = null,
        TrainingRun? run = null,
        string? besideColumnName = null
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        var columns = new TrainerColumns(labelColumnName, featureColumnName, scoreColumnName, besideColumnName);
        return new BiLstmTrainer(columns, options, validation, MlNetLog.Follow(catalog, run));
    }

    /// <summary>Stacked GRU layers over a trace, then a linear head. It reads traces of one length and runs in libtorch.</summary>
    /// <param name="catalog">ML.NET's regression trainers.</param>
    /// <param name="options">The network and how it is trained.</param>
    /// <param name="labelColumnName">The label column: a vector of Single, in units of order one.</param>
    /// <param name="featureColumnName">The trace column: a vector of Single, [samples] or [samples, channels], without NaN.</param>
    /// <param name="scoreColumnName">The score column it adds: as many values as the label.</param>
    /// <param name="validation">Rows of the same columns that choose the best epoch; null: the last epoch stands.</param>
    /// <param name="run">Files and callbacks of the run; null: none.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static TorchModuleTrainer Gru(
        this RegressionCatalog.RegressionTrainers catalog,
        GruOptions options,
        string labelColumnName = TraceColumns.Label,
        string featureColumnName = TraceColumns.Features,
        string scoreColumnName = TraceColumns.Score,
        IDataView? validation = null,
        TrainingRun? run = null
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        var columns = new TrainerColumns(labelColumnName, featureColumnName, scoreColumnName);
        return new TorchModuleTrainer(
            columns,
            options,
            TraceLayout.SamplesChannels,
            shape => GruNetwork.Create(options, shape),
            validation,
            MlNetLog.Follow(catalog, run)
        );
    }

    /// <summary>Convolutions over time, each with activation and pooling, then a linear head over all that is left.</summary>
    /// <inheritdoc cref="Gru(Trainers, GruOptions, string, string, string, IDataView, TrainingRun)"
    /// path="/*[not(self::summary)]"/>
    public static TorchModuleTrainer Cnn(
        this RegressionCatalog.RegressionTrainers catalog,
        CnnOptions options,
        string labelColumnName = TraceColumns.Label,
        string featureColumnName = TraceColumns.Features,
        string scoreColumnName = TraceColumns.Score,
        IDataView? validation = null,
        TrainingRun? run = null
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        var columns = new TrainerColumns(labelColumnName, featureColumnName, scoreColumnName);
        return new TorchModuleTrainer(
            columns,
            options,
            TraceLayout.ChannelsSamples,
            shape => CnnNetwork.Create(options, shape),
            validation,
            MlNetLog.Follow(catalog, run)
        );
    }

    /// <summary>A multilayer perceptron over a whole trace, all samples and channels side by side.</summary>
    /// <inheritdoc cref="Gru(Trainers, GruOptions, string, string, string, IDataView, TrainingRun)"
    /// path="/*[not(self::summary)]"/>
    public static TorchModuleTrainer Mlp(
        this RegressionCatalog.RegressionTrainers catalog,
        MlpOptions options,
        string labelColumnName = TraceColumns.Label,
        string featureColumnName = TraceColumns.Features,
        string scoreColumnName = TraceColumns.Score,
        IDataView? validation = null,
        TrainingRun? run = null
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        var columns = new TrainerColumns(labelColumnName, featureColumnName, scoreColumnName);
        return new TorchModuleTrainer(
            columns,
            options,
            TraceLayout.SamplesChannels,
            shape => MlpNetwork.Create(options, shape),
            validation,
            MlNetLog.Follow(catalog, run)
        );
    }

    /// <summary>A temporal convolution network: residual layers of dilated convolutions over time.</summary>
    /// <inheritdoc cref="Gru(Trainers, GruOptions, string, string, string, IDataView, TrainingRun)"
    /// path="/*[not(self::summary)]"/>
    public static TorchModuleTrainer TemporalConv(
        this RegressionCatalog.RegressionTrainers catalog,
        TemporalConvOptions options,
        string labelColumnName = TraceColumns.Label,
        string featureColumnName = TraceColumns.Features,
        string scoreColumnName = TraceColumns.Score,
        IDataView? validation = null,
        TrainingRun? run = null
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        var columns = new TrainerColumns(labelColumnName, featureColumnName, scoreColumnName);
        return new TorchModuleTrainer(
            columns,
            options,
            TraceLayout.ChannelsSamples,
            shape => TemporalConvNetwork.Create(options, shape),
            validation,
            MlNetLog.Follow(catalog, run)
        );
    }

    /// <summary>A transformer over blocks of a trace, of Microsoft.ML.TorchSharp's own layers.</summary>
    /// <inheritdoc cref="Gru(Trainers, GruOptions, string, string, string, IDataView, TrainingRun)"
    /// path="/*[not(self::summary)]"/>
    public static TorchModuleTrainer Transformer(
        this RegressionCatalog.RegressionTrainers catalog,
        TransformerOptions options,
        string labelColumnName = TraceColumns.Label,
        string featureColumnName = TraceColumns.Features,
        string scoreColumnName = TraceColumns.Score,
        IDataView? validation = null,
        TrainingRun? run = null
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        var columns = new TrainerColumns(labelColumnName, featureColumnName, scoreColumnName);
        return new TorchModuleTrainer(
            columns,
            options,
            TraceLayout.SamplesChannels,
            shape => new TransformerNetwork(options, shape),
            validation,
            MlNetLog.Follow(catalog, run)
        );
    }

    /// <summary>Trains a TorchSharp module with the usual settings.</summary>
    /// <param name="catalog">ML.NET's regression trainers.</param>
    /// <param name="create">
    /// Creates the module: [batch, samples, channels] to [batch, targets]. The seed has been set when it is called.
    /// </param>
    /// <param name="labelColumnName">The label column: a vector of Single, in units of order one.</param>
    /// <param name="featureColumnName">The trace column: a vector of Single, [samples] or [samples, channels], without NaN.</param>
    /// <param name="epochs">Passes over the training traces.</param>
    /// <param name="validation">Rows of the same columns that choose the best epoch; null: the last epoch stands.</param>
    /// <returns>The trainer; its scores go to the column <c>Score</c>.</returns>
    public static TorchModuleTrainer TorchModule(
        this RegressionCatalog.RegressionTrainers catalog,
        Func<nn.Module<Tensor, Tensor>> create,
        string labelColumnName = TraceColumns.Label,
        string featureColumnName = TraceColumns.Features,
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
    /// <inheritdoc cref="TorchModule(Trainers,TrainerOptions,Make,TraceLayout,string,string,string,IDataView,TrainingRun,TrainingParts)"
    /// path="/*[not(self::summary)]"/>
    public static TorchModuleTrainer TorchModule(
        this RegressionCatalog.RegressionTrainers catalog,
        TorchModuleOptions options,
        Func<nn.Module<Tensor, Tensor>> create,
        string labelColumnName = TraceColumns.Label,
        string featureColumnName = TraceColumns.Features,
        string scoreColumnName = TraceColumns.Score,
        IDataView? validation = null,
        TrainingRun? run = null,
        TrainingParts? parts = null
    ) => TorchModule(catalog, options, _ => create(), labelColumnName, featureColumnName, scoreColumnName, validation, run, parts);

    /// <summary>Trains a TorchSharp module whose layers depend on the size of the columns.</summary>
    /// <inheritdoc cref="TorchModule(Trainers,TrainerOptions,Make,TraceLayout,string,string,string,IDataView,TrainingRun,TrainingParts)"
    /// path="/*[not(self::summary)]"/>
    public static TorchModuleTrainer TorchModule(
        this RegressionCatalog.RegressionTrainers catalog,
        TorchModuleOptions options,
        Func<ModuleShape, nn.Module<Tensor, Tensor>> create,
        string labelColumnName = TraceColumns.Label,
        string featureColumnName = TraceColumns.Features,
        string scoreColumnName = TraceColumns.Score,
        IDataView? validation = null,
        TrainingRun? run = null,
        TrainingParts? parts = null
    ) => TorchModule(catalog, options, create, options.Layout, labelColumnName, featureColumnName, scoreColumnName, validation, run, parts);

    /// <summary>Trains a TorchSharp module by options of one's own, which are what a definition binds.</summary>
    /// <param name="catalog">ML.NET's regression trainers.</param>
    /// <param name="options">How it is trained.</param>
    /// <param name="create">Creates the module for the columns' shape. The seed has been set when it is called.</param>
    /// <param name="layout">How a batch of traces lies before the module.</param>
    /// <param name="labelColumnName">The label column: a vector of Single, in units of order one.</param>
    /// <param name="featureColumnName">The trace column: a vector of Single, [samples] or [samples, channels], without NaN.</param>
    /// <param name="scoreColumnName">The score column it adds: as many values as the label.</param>
    /// <param name="validation">Rows of the same columns that choose the best epoch; null: the last epoch stands.</param>
    /// <param name="run">Files and callbacks of the run; null: none.</param>
    /// <param name="parts">Loss, optimiser, schedule, metrics and callbacks of one's own; null: the usual ones.</param>
    /// <returns>The trainer.</returns>
    public static TorchModuleTrainer TorchModule(
        this RegressionCatalog.RegressionTrainers catalog,
        TrainerOptions options,
        Func<ModuleShape, nn.Module<Tensor, Tensor>> create,
        TraceLayout layout,
        string labelColumnName = TraceColumns.Label,
        string featureColumnName = TraceColumns.Features,
        string scoreColumnName = TraceColumns.Score,
        IDataView? validation = null,
        TrainingRun? run = null,
        TrainingParts? parts = null
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        var columns = new TrainerColumns(labelColumnName, featureColumnName, scoreColumnName);
        return new TorchModuleTrainer(columns, options, layout, create, validation, MlNetLog.Follow(catalog, run), parts);
    }
}
