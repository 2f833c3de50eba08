using GlifMl.Simulation;

namespace GlifMl.Pipelines;

/// <summary>
/// Cells of a definition's test split as a recording session would have them: some squares that they fire under, one on either side of rest
/// below threshold, noise at three levels, and a ramp, recorded and measured as recordings are. No such session is ever trained on.
/// </summary>
internal static class SimulatedCells
{
    private const int CellsAtOnce = 32;
    private const int FiringSquares = 3;
    private const double LeastFiring = 1.05,
        MostFiring = 2.5;
    private const double NoiseSeconds = 3;
    private const double RampSeconds = 2;
    private const double RampRheobases = 1.5;
    private const double NoiseVariation = 0.2;
    private const double SamplingRateHz = 20_000;
    private static readonly double[] NoiseLevels = [0.75, 1, 1.25];

    /// <summary>Makes cells.</summary>
    /// <param name="definition">A definition with a membrane.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="InvalidDataException">It has no membrane, or its test split fewer cells.</exception>
    public static RealCells Of(PipelineDefinition definition, int count)
    {
        if (definition.Dataset.Membrane is null)
            throw new InvalidDataException($"{definition.Name}: found no dataset.membrane; expected one");
        var design = DesignFactory.Create(definition);
        var numbering = TraceNumbering.Of(definition, "test", design);
        if (numbering.Count < count)
            throw new InvalidDataException($"{definition.Name}: found {numbering.Count} test cells; expected at least {count}");
        var cells = new MembraneCells(definition, design);
        var found = new RealCell[count];
        Parallel.For(
            0,
            (count + CellsAtOnce - 1) / CellsAtOnce,
            batch =>
            {
                var first = batch * CellsAtOnce;
                var rows = Math.Min(CellsAtOnce, count - first);
                Session(definition, cells, numbering, first, found.AsSpan(first, rows));
            }
        );
        var (unpublished, outside) = cells.DrawnAgain;
        return RealCells.Of(
            found,
            Invariant.Text($"{count} simulated cells; {unpublished + outside} others were drawn again: ")
                + Invariant.Text($"{unpublished} never fire, always do or are no membrane, {outside} lie outside published_ranges")
        );
    }

    // A published value is its noise's own: of 645 mouse neurons R and C of nine in ten noise sweeps lie within 8 % of it, half of them
    // on either side (Teeter et al. 2018). What published factors stand for is between squares and the label; noise shows them.
    private static SweepFeatures AsPublished(SweepFeatures noise, DrawnCell cell)
    {
        var (c, r, th) = cell.PublishedFactors;
        return noise with
        {
            Regression = noise.Regression with
            {
                ResistanceMegaohms = r * noise.Regression.ResistanceMegaohms,
                CapacitancePicofarads = c * noise.Regression.CapacitancePicofarads,
            },
            Counted = noise.Counted.Scaled(r, c, th),
        };
    }

    private static void Session(
        PipelineDefinition definition,
        MembraneCells cells,
        TraceNumbering numbering,
        int first,
        Span<RealCell> found
    )
    {
        var workspace = new MembraneWorkspace();
        var (drawn, labels) = cells.Published(
            [.. Enumerable.Range(first, found.Length).Select(n => numbering.Configuration(n))],
            workspace
        );
        SeededRandom[] random =
        [
            .. Enumerable.Range(first, found.Length).Select(n => new SeededRandom((ulong)definition.Seed, RandomStreams.CellSessions, n)),
        ];
        var recorder = new CellRecorder(
            drawn,
            labels,
            1 / (definition.Dataset.Trace.SamplingRateHz ?? SamplingRateHz),
            definition.Dataset.Membrane!.FilterHz,
            definition.Dataset.Trace.Noise,
            random,
            workspace
        );
        var sweeps = new List<SweepFeatures>[found.Length];
        for (var n = 0; n < sweeps.Length; n++)
            sweeps[n] = [];
        for (var square = 0; square < FiringSquares; square++)
            Take(recorder.Squares(Draw(r => LeastFiring * Math.Pow(MostFiring / LeastFiring, r.NextDouble()))));
        Take(recorder.Squares(Draw(ReadingSweeps.Depolarising)));
        Take(recorder.Squares(Draw(ReadingSweeps.Hyperpolarising)));
        foreach (var level in NoiseLevels)
        {
            // Waveforms of the session's own, not that of the labels.
            PinkNoise[] noise = [.. random.Select(r => new PinkNoise(r.NextUInt64()))];
            var recorded = recorder.Record(
                NoiseSeconds,
                (n, dt, current) =>
                {
                    noise[n].Fill(0, dt, 0, 0, current);
                    foreach (ref var sample in current)
                        sample = level * labels[n].RheobaseAmperes * (1 + (NoiseVariation * sample));
                }
            );
            Take([.. recorded.Select((sweep, n) => AsPublished(sweep!, drawn[n]))]);
        }
        Take(
            recorder.Record(
                RampSeconds,
                (n, _, current) =>
                {
                    for (var i = 0; i < current.Length; i++)
                        current[i] = RampRheobases * labels[n].RheobaseAmperes * (i + 1) / current.Length;
                }
            )
        );
        var factors = definition.Dataset.Membrane.PublishedFactors ?? new LabelFactors();
        for (var n = 0; n < found.Length; n++)
        {
            var scatter = drawn[n].PublishedFactors;
            double[] log =
            [
                Log(1e-6, labels[n].ResistanceOhms),
                Log(1e12, labels[n].CapacitanceFarads),
                Log(1e3, labels[n].ThresholdVolts),
            ];
            found[n] = new RealCell(Invariant.Text($"{first + n}"), sweeps[n], log)
            {
                Unscattered =
                [
                    log[0] - Math.Log(scatter.RInput / factors.RInput.At(0.5)),
                    log[1] - Math.Log(scatter.C / factors.C.At(0.5)),
                    log[2] - Math.Log(scatter.ThInf / factors.ThInf.At(0.5)),
                ],
            };
        }

        double[] Draw(Func<SeededRandom, double> draw) => Array.ConvertAll(random, r => draw(r));
        void Take(SweepFeatures?[] recorded)
        {
            for (var n = 0; n < recorded.Length; n++)
                sweeps[n].Add(recorded[n]!);
        }
        static double Log(double unit, double value) => Math.Log(unit * value);
    }
}
