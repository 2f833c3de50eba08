namespace GlifMl;

/// <summary>Cuts spikes out of a sweep.</summary>
public static class RecordedSpikes
{
    /// <summary>
    /// Makes the samples of each spike NaN, as those of a GLIF's refractory period are: from where the slope passes 20 V/s on.
    /// </summary>
    /// <param name="sweep">The sweep; it is left as it is.</param>
    /// <param name="measures">Its measures.</param>
    /// <param name="options">How long the cuts are. Default: all defaults.</param>
    /// <returns>The sweep without spikes, with a note that says so; the sweep itself where it has none.</returns>
    /// <exception cref="ArgumentException">The length is not positive.</exception>
    public static Sweep Cut(Sweep sweep, SweepMeasures measures, SpikeCutOptions? options = null)
    {
        options ??= new SpikeCutOptions();
        if (!options.Cut || measures.Spikes.Count == 0)
            return sweep;
        var seconds = LengthSeconds(measures, options);
        var samples = Math.Max(1, (int)Math.Round(seconds / sweep.SamplingIntervalSeconds));
        var voltage = (float[])sweep.VoltageMv.Clone();
        foreach (var spike in measures.Spikes)
        {
            // The sample at the threshold is the last of the membrane's own.
            var first = Math.Min(spike.Sample + 1, voltage.Length);
            voltage.AsSpan(first, Math.Min(samples, voltage.Length - first)).Fill(float.NaN);
        }
        var how = options.Seconds is null ? "the cell's own" : "as asked for";
        return sweep with
        {
            VoltageMv = voltage,
            Notes =
            [
                .. sweep.Notes,
                Invariant.Text(
                    $"{measures.Spikes.Count} spikes cut, {seconds * 1e3:G3} ms each ({how}); "
                        + $"threshold {measures.ThresholdMv:G4} mV, of the first {measures.FirstThresholdMv:G4} mV"
                ),
            ],
        };
    }

    private static double LengthSeconds(SweepMeasures measures, SpikeCutOptions options) =>
        options.Seconds is not { } given ? measures.SpikeCutSeconds!.Value
        : given > 0 && double.IsFinite(given) ? given
        : throw new ArgumentException(Invariant.Text($"spike cut: found {given} s; expected a positive length"));
}

/// <summary>How spikes of a recording are cut out, as a GLIF cuts its own.</summary>
public sealed record SpikeCutOptions
{
    /// <summary>Whether they are. Default: true.</summary>
    public bool Cut { get; init; } = true;

    /// <summary>
    /// How long a cut is, in s. Default: null, the cell's own, <see cref="SweepMeasures.SpikeCutSeconds"/>.
    /// </summary>
    public double? Seconds { get; init; }
}
