using Microsoft.ML.Runtime;

namespace GlifMl.Torch;

/// <summary>Training in the log of the context that a trainer was made by, where <c>MLContext.Log</c> hears it.</summary>
internal static class MlNetLog
{
    // A catalogue keeps its context to ML.NET's own assemblies; where it is no longer found there nothing is logged.
    private const string CatalogInterface = "Microsoft.ML.Data.IInternalCatalog",
        ContextProperty = "Environment";

    /// <summary>A run that tells of each epoch there, too.</summary>
    /// <param name="catalog">ML.NET's catalogue.</param>
    /// <param name="run">The run; null: one that keeps nothing.</param>
    public static TrainingRun Follow(object catalog, TrainingRun? run)
    {
        run ??= new TrainingRun();
        if (
            catalog.GetType().GetInterface(CatalogInterface)?.GetProperty(ContextProperty)?.GetValue(catalog)
            is not IHostEnvironment context
        )
            return run;
        var told = run.OnProgress;
        return run with
        {
            OnProgress = progress =>
            {
                told?.Invoke(progress);
                if (progress.Finished is not { } epoch)
                    return;
                using var channel = context.Start("Training");
                var validation = epoch.ValidationLoss is { } loss ? Invariant.Text($", validation {loss:G5}") : "";
                channel.Info(
                    MessageSensitivity.None,
                    Invariant.Text($"epoch {epoch.Epoch} of {progress.Epochs}: loss {epoch.TrainLoss:G5}") + validation
                );
            },
        };
    }
}
