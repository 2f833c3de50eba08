namespace GlifMl.Simulation;

/// <summary>
/// Everything in the GLIF equations that does not change from step to step, and the reset at a spike. The exact and the batch
/// simulator share it, so that both do the same arithmetic. Symbols as in Teeter et al. 2018.
/// </summary>
internal sealed class NeuronConstants
{
    /// <summary>How many samples still hold the reset value after a reset above threshold; the rest of the trace is NaN.</summary>
    public const int SamplesAfterBadReset = 5;

    private readonly double[] _afterspikeCutFactor;
    private readonly double[] _afterspikeResetFraction;
    private readonly double[] _afterspikeAmplitude;
    private readonly bool _resetsVoltageToZero;
    private readonly double _voltageResetA;
    private readonly double _voltageResetB;
    private readonly bool _resetsThresholdToInfinity;
    private readonly double _spikeCutFactor;
    private readonly double _spikeAmplitude;

    public NeuronConstants(NeuronConfig config)
    {
        config.Validate();
        Dt = config.DtSeconds;
        G = config.ConductanceSiemens;
        C = config.EffectiveCapacitanceFarads;
        El = config.RestingPotentialVolts;
        ThresholdInfinity = config.EffectiveThresholdVolts;
        CutSteps = config.SpikeCutSteps;
        InitialVoltage = config.InitialVoltageVolts;
        InitialThreshold = config.InitialThresholdVolts;
        MembraneDecay = Math.Exp(-G / C * Dt);

        HasAfterspikeCurrents = config.AfterspikeDynamics.Name == "exp";
        InitialAfterspikes = config.InitialAfterspikeCurrentsAmperes;
        AfterspikeDecay = [.. config.AfterspikeTimeConstantsSeconds.Select(tau => HasAfterspikeCurrents ? Math.Exp(-(1 / tau) * Dt) : 0)];
        _afterspikeCutFactor = [.. config.AfterspikeTimeConstantsSeconds.Select(tau => Math.Exp(-(1 / tau * Dt * CutSteps)))];
        var sums = config.AfterspikeReset.Name == "sum";
        _afterspikeResetFraction = sums ? config.AfterspikeReset.Vectors["r"] : new double[AfterspikeDecay.Length];
        _afterspikeAmplitude =
        [
            .. config.AfterspikeAmplitudesAmperes.Zip(config.Coefficients.AfterspikeAmplitudes, (a, c) => sums ? a * c : 0),
        ];

        IsExactInVoltage = config.VoltageDynamics.Name == "linear_exact";
        _resetsVoltageToZero = config.VoltageReset.Name == "zero";
        if (!_resetsVoltageToZero)
            (_voltageResetA, _voltageResetB) = (config.VoltageReset.Scalars["a"], config.VoltageReset.Scalars["b"]);

        _resetsThresholdToInfinity = config.ThresholdReset.Name == "inf";
        if (!_resetsThresholdToInfinity)
        {
            _spikeAmplitude = config.ThresholdReset.Scalars["a_spike"];
            _spikeCutFactor = Math.Exp(-config.ThresholdReset.Scalars["b_spike"] * (Dt * CutSteps));
        }
        Threshold = config.ThresholdDynamics.Name switch
        {
            "inf" => ThresholdKind.Infinity,
            "spike_component" => ThresholdKind.Spike,
            _ => ThresholdKind.SpikeAndVoltage,
        };
        if (Threshold == ThresholdKind.Infinity)
            return;
        var parameters = config.ThresholdDynamics.Scalars;
        SpikeComponentDecay = Math.Exp(-parameters["b_spike"] * Dt);
        if (Threshold == ThresholdKind.Spike)
            return;
        var a = parameters["a_voltage"] * config.Coefficients.A;
        var b = parameters["b_voltage"] * config.Coefficients.B;
        var membrane = G / C;
        VoltageComponentDecay = Math.Exp(-b * Dt);
        // (e^-kt - e^-bt) / (b - k) loses its digits where b nears k; written by the slower rate s, t e^-st MeanDecay(|b - k| t), it
        // does not.
        DrivenGain = a * Dt * Math.Exp(-Math.Min(b, membrane) * Dt) * MeanDecay(Math.Abs(b - membrane) * Dt);
        SteadyGain = a * Dt * MeanDecay(b * Dt);
    }

    public double Dt { get; }

    public double G { get; }

    public double C { get; }

    public double El { get; }

    public double ThresholdInfinity { get; }

    public int CutSteps { get; }

    public double InitialVoltage { get; }

    public double InitialThreshold { get; }

    /// <summary>exp(-G dt / C).</summary>
    public double MembraneDecay { get; }

    /// <summary>Whether the voltage takes the exact solution for a constant current in the step, rather than forward Euler.</summary>
    public bool IsExactInVoltage { get; }

    public bool HasAfterspikeCurrents { get; }

    public double[] InitialAfterspikes { get; }

    /// <summary>exp(-dt / tau) of each afterspike current.</summary>
    public double[] AfterspikeDecay { get; }

    public ThresholdKind Threshold { get; }

    /// <summary>exp(-b_spike dt).</summary>
    public double SpikeComponentDecay { get; }

    /// <summary>exp(-b_voltage dt).</summary>
    public double VoltageComponentDecay { get; }

    /// <summary>
    /// What a voltage off its steady state adds to the voltage component in a step, V/V:
    /// a_voltage (exp(-G dt / C) - exp(-b_voltage dt)) / (b_voltage - G / C), where the rates meet a_voltage dt exp(-G dt / C).
    /// </summary>
    public double DrivenGain { get; }

    /// <summary>
    /// What a steady state off El adds to the voltage component in a step, V/V: a_voltage (1 - exp(-b_voltage dt)) / b_voltage.
    /// </summary>
    public double SteadyGain { get; }

    /// <summary>
    /// Applies the reset rules at a spike, the spike cut included: voltage a V + b or 0; threshold's spike component decays over the
    /// cut, then gains a_spike; afterspike currents decay over the cut times r, then gain their amplitudes. The threshold's voltage
    /// component is frozen.
    /// </summary>
    /// <returns>The threshold after the reset, in V.</returns>
    public double Reset(ref double voltage, ref double spikeComponent, double voltageComponent, Span<double> afterspikes)
    {
        voltage = _resetsVoltageToZero ? 0 : _voltageResetA * voltage + _voltageResetB;
        for (var k = 0; k < afterspikes.Length; k++)
        {
            afterspikes[k] = _afterspikeAmplitude[k] + afterspikes[k] * _afterspikeResetFraction[k] * _afterspikeCutFactor[k];
        }
        if (_resetsThresholdToInfinity)
            return ThresholdInfinity;
        spikeComponent = spikeComponent * _spikeCutFactor + _spikeAmplitude;
        return spikeComponent + voltageComponent + ThresholdInfinity;
    }

    // (1 - e^-x) / x for x of 0 or more, 1 at 0. Below 1 by Kahan's quotient: what rounding e^-x does above, the logarithm of the rounded
    // value does below (Higham 2002, "Accuracy and Stability of Numerical Algorithms", 1.14.1). .NET's ExpM1 is exp(x) - 1.
    private static double MeanDecay(double x)
    {
        var decay = Math.Exp(-x);
        return decay == 1 ? 1
            : x < 1 ? (decay - 1) / Math.Log(decay)
            : (1 - decay) / x;
    }
}

/// <summary>Which components the threshold has besides th_inf.</summary>
internal enum ThresholdKind
{
    /// <summary>None: GLIF1 and GLIF3.</summary>
    Infinity,

    /// <summary>One that jumps at a spike: GLIF2 and GLIF4.</summary>
    Spike,

    /// <summary>One that jumps at a spike and one that follows the voltage: GLIF5.</summary>
    SpikeAndVoltage,
}
