namespace GlifMl.Simulation;

/// <summary>
/// Everything in the equations of <see cref="MembraneSimulator"/> that does not change from step to step, and the reset at a spike. The
/// scalar and the batch simulator share it.
/// </summary>
internal sealed class MembraneConstants
{
    // A cell that fires again has been below its threshold: a reset above it is put this far beneath, V.
    private const double LeastGapVolts = 5e-4;

    // Where a recorded spike is said to begin.
    private const double UpstrokeVoltsPerSecond = PutativeSpikes.RecordingCutoffVoltsPerSecond;

    // In slopes of the exponential current. Nothing of a cell spikes below its soft threshold, or needs e^7 of its leak.
    private const double LeastMargin = 0.5,
        MostMargin = 7;

    private readonly MembraneCell _cell;
    private readonly bool _resetsToReference;
    private readonly double _voltageResetA;
    private readonly double _voltageResetB;
    private readonly double[] _afterspikeAmplitude;
    private readonly double[] _afterspikeKept;
    private readonly double[] _jumpAmplitude;
    private readonly double[] _jumpKept;
    private readonly double _potassiumKept;

    public MembraneConstants(MembraneCell cell)
    {
        _cell = cell;
        var neuron = cell.Neuron;
        neuron.Validate();
        var dt = Dt = neuron.DtSeconds;
        var (G, C) = (neuron.ConductanceSiemens, neuron.EffectiveCapacitanceFarads);
        El = neuron.RestingPotentialVolts;
        Threshold = neuron.EffectiveThresholdVolts - El;
        CutSteps = cell.SpikeSeconds is { } seconds ? Math.Max(1, (int)Math.Round(seconds / dt)) : neuron.SpikeCutSteps;
        var cut = dt * CutSteps;

        // Backward Euler: charge a step / dt on the left, conductances beside it; a soma of the share that is not dendrite.
        var share = cell.DendriteShare;
        var coupling = share > 0 ? cell.DendriteCoupling * G : 0;
        SomaRate = (1 - share) * C / dt;
        SomaSum = SomaRate + ((1 - share) * G) + coupling;
        Coupling = coupling;
        DendriteRate = share > 0 ? share * C / dt : 0;
        // Without a dendrite the second equation is 1 x d = 0.
        DendriteSum = share > 0 ? DendriteRate + (share * G) + coupling : 1;
        LeakGain = Threshold > 0 ? G * cell.LeakFall / (2 * Threshold) : 0;
        IsExponential = cell.SpikeSlopeVolts > 0;
        (SpikeCurrent, SpikeSteepness) = IsExponential ? (G * cell.SpikeSlopeVolts, 1 / cell.SpikeSlopeVolts) : (0, 0);
        SpikeMargin = IsExponential
            ? cell.SpikeSlopeVolts * Math.Clamp(Math.Log(UpstrokeVoltsPerSecond * (1 - share) * C / SpikeCurrent), LeastMargin, MostMargin)
            : 0;
        SagConductance = G * cell.SagShare;
        SagGain = 1 - Math.Exp(-dt / cell.SagSeconds);
        PotassiumDecay = Math.Exp(-dt / cell.Potassium.Seconds);
        PotassiumVolts = cell.PotassiumVolts;
        PotassiumStep = G * cell.Potassium.Amount;
        _potassiumKept = Math.Exp(-cut / cell.Potassium.Seconds);

        var own = neuron.AfterspikeDynamics.Name == "exp" ? neuron.AfterspikeTimeConstantsSeconds.Length : 0;
        var sums = neuron.AfterspikeReset.Name == "sum";
        AfterspikeDecay =
        [
            .. neuron.AfterspikeTimeConstantsSeconds.Take(own).Select(tau => Math.Exp(-dt / tau)),
            .. cell.Afterspikes.Select(effect => Math.Exp(-dt / effect.Seconds)),
        ];
        _afterspikeKept =
        [
            .. neuron
                .AfterspikeTimeConstantsSeconds.Take(own)
                .Select((tau, k) => sums ? neuron.AfterspikeReset.Vectors["r"][k] * Math.Exp(-cut / tau) : 0),
            .. cell.Afterspikes.Select(effect => Math.Exp(-cut / effect.Seconds)),
        ];
        _afterspikeAmplitude =
        [
            .. neuron
                .AfterspikeAmplitudesAmperes.Take(own)
                .Select((amplitude, k) => sums ? amplitude * neuron.Coefficients.AfterspikeAmplitudes[k] : 0),
            .. cell.Afterspikes.Select(effect => -effect.Amount * G * Threshold),
        ];
        InitialAfterspikes = [.. neuron.InitialAfterspikeCurrentsAmperes.Take(own), .. cell.Afterspikes.Select(_ => 0.0)];

        var dynamics = neuron.ThresholdDynamics;
        var reset = neuron.ThresholdReset;
        var jumps = new List<(double Amplitude, double Rate)> { (cell.ThresholdJump.Amount, 1 / cell.ThresholdJump.Seconds) };
        if (dynamics.Name != "inf" && reset.Name != "inf")
            jumps.Add((reset.Scalars["a_spike"], dynamics.Scalars["b_spike"]));
        JumpDecay = [.. jumps.Select(jump => Math.Exp(-jump.Rate * dt))];
        _jumpKept = [.. jumps.Select(jump => Math.Exp(-jump.Rate * cut))];
        _jumpAmplitude = [.. jumps.Select(jump => jump.Amplitude)];
        var (follow, rate) = (cell.ThresholdFollow, 1 / cell.ThresholdFollowSeconds);
        if (follow == 0 && dynamics.Name == "three_components_exact")
        {
            rate = dynamics.Scalars["b_voltage"] * neuron.Coefficients.B;
            follow = dynamics.Scalars["a_voltage"] * neuron.Coefficients.A / rate;
        }
        FollowDecay = Math.Exp(-rate * dt);
        FollowGain = follow * (1 - FollowDecay);

        _resetsToReference = neuron.VoltageReset.Name == "zero";
        if (!_resetsToReference)
            (_voltageResetA, _voltageResetB) = (neuron.VoltageReset.Scalars["a"], neuron.VoltageReset.Scalars["b"]);
        InitialVoltage = neuron.InitialVoltageVolts - El;
    }

    public double Dt { get; }

    /// <summary>Resting potential, V: what is added to every voltage at the end.</summary>
    public double El { get; }

    /// <summary>Threshold at rest above El, V.</summary>
    public double Threshold { get; }

    public int CutSteps { get; }

    public double SomaRate { get; }

    public double SomaSum { get; }

    public double Coupling { get; }

    public double DendriteRate { get; }

    public double DendriteSum { get; }

    public double LeakGain { get; }

    public bool IsExponential { get; }

    public double SpikeCurrent { get; }

    public double SpikeSteepness { get; }

    /// <summary>How far above the soft threshold the exponential current alone charges the soma by 20 V/s, V.</summary>
    public double SpikeMargin { get; }

    public double SagConductance { get; }

    public double SagGain { get; }

    public double PotassiumDecay { get; }

    public double PotassiumVolts { get; }

    public double PotassiumStep { get; }

    public double[] AfterspikeDecay { get; }

    public double[] InitialAfterspikes { get; }

    public double[] JumpDecay { get; }

    public double FollowDecay { get; }

    public double FollowGain { get; }

    public double InitialVoltage { get; }

    public double? PeakVolts => _cell.PeakVolts;

    /// <summary>Draws the jitter of the threshold after so many spikes, V.</summary>
    public double Jitter(int spikes) =>
        _cell.JitterVolts > 0
            ? _cell.JitterVolts * new SeededRandom(_cell.JitterSeed, RandomStreams.ThresholdJitter, spikes).NextGaussian()
            : 0;

    /// <summary>
    /// Applies the rules at a spike, its cut included: what earlier spikes left decays over the cut, then gains this one's; dendrite, sag
    /// and the threshold's voltage component wait.
    /// </summary>
    /// <param name="u">Voltage above rest, V.</param>
    /// <param name="potassium">Potassium conductance, S.</param>
    /// <param name="following">The threshold's voltage component, V.</param>
    /// <param name="afterspikes">Afterspike currents, A.</param>
    /// <param name="jumps">The threshold's spike components, V.</param>
    /// <param name="spikes">Spikes so far, this one included.</param>
    /// <returns>The threshold's jitter until the next spike, V.</returns>
    public double Reset(ref double u, ref double potassium, double following, Span<double> afterspikes, Span<double> jumps, int spikes)
    {
        for (var k = 0; k < afterspikes.Length; k++)
            afterspikes[k] = (afterspikes[k] * _afterspikeKept[k]) + _afterspikeAmplitude[k];
        potassium = (potassium * _potassiumKept) + PotassiumStep;
        var jitter = Jitter(spikes);
        var threshold = Threshold + jitter + following;
        for (var k = 0; k < jumps.Length; k++)
        {
            jumps[k] = (jumps[k] * _jumpKept[k]) + _jumpAmplitude[k];
            threshold += jumps[k];
        }
        var reset =
            _cell.ResetShare is { } share ? share * Threshold
            : _resetsToReference ? -El
            : (_voltageResetA * (u + El)) + _voltageResetB - El;
        u = Math.Min(reset, threshold - LeastGapVolts);
        return jitter;
    }
}
