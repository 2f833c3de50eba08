using Microsoft.ML;

namespace GlifMl.Torch;

/// <summary>
/// Training rows without end: a view of any stretch of them, as the steps before the trainer leave it. An epoch takes the rows that follow
/// those of the epoch before, and what a row holds depends on its number alone, so that a resumed run has the rows of an unbroken one.
/// </summary>
/// <param name="rows">A view of rows, from a number on, so many.</param>
/// <param name="shown">Epochs that take the same rows, each in another order, before the next ones come.</param>
internal sealed class EndlessRows(Func<long, int, IDataView> rows, int shown = 1)
{
    private readonly List<ITransformer> _steps = [];

    /// <summary>Epochs that take the same rows.</summary>
    public int Shown => shown;

    /// <summary>Adds a fitted step of the chain.</summary>
    public void Append(ITransformer step) => _steps.Add(step);

    /// <summary>A view of some rows.</summary>
    /// <param name="first">Number of the first one, from 0.</param>
    /// <param name="count">How many.</param>
    public IDataView Rows(long first, int count) => _steps.Aggregate(rows(first, count), (view, step) => step.Transform(view));
}
