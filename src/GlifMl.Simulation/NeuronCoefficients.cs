namespace GlifMl.Simulation;

/// <summary>
/// The <c>coeffs</c> object of an Allen neuron_config: factors found by the fit, each multiplied onto the parameter of the same name.
/// </summary>
public sealed record NeuronCoefficients
{
    /// <summary>Factor on <c>a_voltage</c> of the threshold's voltage component. Default 1.</summary>
    public double A { get; init; } = 1;

    /// <summary>Factor on <c>b_voltage</c> of the threshold's voltage component. Default 1.</summary>
    public double B { get; init; } = 1;

    /// <summary>Factor on the capacitance. Default 1.</summary>
    public double C { get; init; } = 1;

    /// <summary>Factor on the conductance 1 / R_input. Default 1.</summary>
    public double G { get; init; } = 1;

    /// <summary>Factor on th_inf. Default 1.</summary>
    public double ThInf { get; init; } = 1;

    /// <summary>Factors on the afterspike amplitudes, one a current.</summary>
    public double[] AfterspikeAmplitudes { get; init; } = [];
}
