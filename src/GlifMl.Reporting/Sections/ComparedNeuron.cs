using GlifMl.Simulation;

namespace GlifMl.Reporting;

/// <summary>One of the neurons that a report compares.</summary>
/// <param name="Key">Name in file names and JSON: <c>fitted</c>, <c>inferred</c>, <c>random</c>.</param>
/// <param name="Title">Name for readers.</param>
/// <param name="Neuron">The neuron.</param>
/// <param name="SeriesColour">Its colour in every figure.</param>
internal sealed record ComparedNeuron(string Key, string Title, NeuronConfig Neuron, SeriesColour SeriesColour);
