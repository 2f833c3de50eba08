namespace GlifMl.Pipelines;

/// <summary>
/// What is written of one cell beside its report: <c>neuron_config.json</c> in the Allen schema and <c>nest.json</c>, the parameters of
/// NEST's <c>glif_psc</c>; of the neuron that reproduces the sweeps <c>refined_glifN.json</c> and <c>refined_glifN_nest.json</c>.
/// </summary>
internal static class CellFolder
{
    /// <summary>Writes the files.</summary>
    /// <param name="folder">The cell's folder.</param>
    /// <param name="fit">The cell; one that was read.</param>
    public static void Write(string folder, CellFit fit)
    {
        Write(folder, "neuron_config.json", "nest.json", fit.Published!.Neuron);
        if (fit.Refined is { } refined)
            Write(folder, $"refined_glif{refined.Level}.json", $"refined_glif{refined.Level}_nest.json", refined.Best.Neuron);
    }

    private static void Write(string folder, string config, string nest, NeuronConfig neuron)
    {
        AtomicFile.WriteAllText(Path.Combine(folder, config), neuron.ToJson() + "\n");
        AtomicFile.WriteAllText(Path.Combine(folder, nest), NestParameters.ToJson(neuron));
    }
}
