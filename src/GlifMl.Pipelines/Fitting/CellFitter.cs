namespace GlifMl.Pipelines;

/// <summary>Fits cells, one after the other; one that cannot be read is a row too.</summary>
/// <param name="selection">Which sweeps of their files.</param>
/// <param name="repair">What is mended in each sweep before it is looked at.</param>
/// <param name="level">Which GLIF is made to reproduce the sweeps; null: none.</param>
internal sealed class CellFitter(SweepSelection selection, Func<Sweep, Sweep> repair, int? level)
{
    private const string SpikesCut =
        "its spikes are cut out as a simulated neuron has them; expected those of a real cell whose ratios it is read by";

    /// <summary>Fits some cells.</summary>
    /// <param name="cells">The cells.</param>
    /// <param name="progress">Told how much of all is done, 0 to 1, and of what.</param>
    /// <param name="cancellation">Stops between sweeps.</param>
    public IEnumerable<CellFit> Fit(
        IReadOnlyList<CellInput> cells,
        Action<double, string>? progress = null,
        CancellationToken cancellation = default
    )
    {
        foreach (var (number, cell) in cells.Index())
        {
            void Report(double fraction) => progress?.Invoke((number + fraction) / cells.Count, cell.Name);
            yield return Fit(cell, Report, cancellation);
            Report(1);
        }
    }

    private CellFit Fit(CellInput cell, Action<double> progress, CancellationToken cancellation)
    {
        try
        {
            var fit = CellFit.Of(cell.Name, CellSweeps.Read(cell, selection, repair, progress, cancellation));
            // A simulated neuron has none of what the ratios of real cells are about.
            if (fit.Sweeps!.Used.Any(sweep => !sweep.HasSpikes))
                fit = fit with { Reasons = [.. fit.Reasons, SpikesCut] };
            return level is { } asked ? fit with { Refined = Refinement.Of(fit, asked, cancellation) } : fit;
        }
        catch (Exception e) when (TraceScorer.IsOfTheInput(e))
        {
            return new CellFit { Cell = cell.Name, Failure = e };
        }
    }
}
