namespace GlifMl.Simulation;

/// <summary>One trace to simulate.</summary>
/// <param name="Neuron">The neuron; its dt is the stimulus's sampling interval.</param>
/// <param name="StimulusAmperes">
/// The injected current in A, at least as many samples as steps. Traces under the same current should share the array: that is faster.
/// </param>
public sealed record SimulationRequest(NeuronConfig Neuron, double[] StimulusAmperes);
