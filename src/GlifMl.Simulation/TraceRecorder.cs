namespace GlifMl.Simulation;

/// <summary>Collects the states of one simulation. What is never recorded stays NaN.</summary>
internal sealed class TraceRecorder
{
    private readonly double _dt;
    private readonly double[] _voltage;
    private readonly double[] _threshold;
    private readonly double[][] _afterspikes;
    private readonly List<int> _spikeSteps = [];
    private readonly List<double> _interpolatedTimes = [];
    private bool _badReset;

    public TraceRecorder(NeuronConstants constants, int steps)
    {
        _dt = constants.Dt;
        _voltage = NaNs(steps);
        _threshold = NaNs(steps);
        _afterspikes = [.. constants.InitialAfterspikes.Select(_ => NaNs(steps))];
    }

    public void Record(int step, double voltage, double threshold, double[] afterspikes)
    {
        if (step >= _voltage.Length)
            return;
        _voltage[step] = voltage;
        _threshold[step] = threshold;
        for (var k = 0; k < afterspikes.Length; k++)
            _afterspikes[k][step] = afterspikes[k];
    }

    public void Spike(int step, double voltageBefore, double voltage, double thresholdBefore, double threshold)
    {
        _spikeSteps.Add(step);
        var offset = _dt * (thresholdBefore - voltageBefore) / (voltage - voltageBefore - (threshold - thresholdBefore));
        _interpolatedTimes.Add(step * _dt + offset);
    }

    public void BadReset(int step, double voltage, double threshold, double[] afterspikes)
    {
        _badReset = true;
        for (var held = 0; held <= NeuronConstants.SamplesAfterBadReset; held++)
            Record(step + held, voltage, threshold, afterspikes);
    }

    public GlifTrace ToTrace() =>
        new()
        {
            DtSeconds = _dt,
            VoltageVolts = _voltage,
            ThresholdVolts = _threshold,
            AfterspikeCurrentsAmperes = _afterspikes,
            SpikeSteps = [.. _spikeSteps],
            GridSpikeTimesSeconds = [.. _spikeSteps.Select(step => step * _dt)],
            InterpolatedSpikeTimesSeconds = [.. _interpolatedTimes],
            BadReset = _badReset,
        };

    private static double[] NaNs(int count)
    {
        var values = new double[count];
        Array.Fill(values, double.NaN);
        return values;
    }
}
