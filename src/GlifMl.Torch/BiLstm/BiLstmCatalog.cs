using GlifMl.Onnx;
using Microsoft.ML;

namespace GlifMl.Torch;

/// <summary>The bidirectional LSTM among ML.NET's regression trainers.</summary>
public static class BiLstmCatalog
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
        string labelColumnName = "Label",
        string featureColumnName = "Features",
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
    /// <returns>The trainer.</returns>
    public static BiLstmTrainer BiLstm(
        this RegressionCatalog.RegressionTrainers catalog,
        BiLstmOptions options,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        string scoreColumnName = "Score",
        IDataView? validation = null,
        TrainingRun? run = null
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        // The catalogue's own environment is internal to ML.NET; the trainer needs a context only for stock steps without randomness.
        return new BiLstmTrainer(
            new MLContext(options.SeedOrOne()),
            labelColumnName,
            featureColumnName,
            scoreColumnName,
            options,
            validation,
            run
        );
    }
}
