using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using YamlDotNet.RepresentationModel;

namespace GlifMl.Pipelines;

/// <summary>Names a dataset by what it holds: equal hashes mean equal shards.</summary>
internal static class DatasetHash
{
    /// <summary>Version of what the generator writes for one definition. Raise it with any change that alters a shard's bytes.</summary>
    public const int GeneratorFormatVersion = 3;

    /// <summary>The same for what it writes of membranes alone.</summary>
    public const int MembraneFormatVersion = 2;

    /// <summary>
    /// Hashes what decides the bytes of a dataset: the resolved <c>dataset</c> section, the seed, the contents of the neuron and stimulus
    /// files, <see cref="GeneratorFormatVersion"/> and, of membranes, <see cref="MembraneFormatVersion"/>. The chain, the targets, names,
    /// file places, formatting and comments do not count.
    /// </summary>
    /// <param name="definition">The definition.</param>
    /// <returns>SHA-256, 64 hexadecimal digits in lower case.</returns>
    /// <exception cref="FileNotFoundException">The neuron or a stimulus file is gone.</exception>
    public static string Compute(PipelineDefinition definition)
    {
        var dataset = definition.Dataset;
        if (dataset.Trace.SpikeCuts != SpikeCuts.Fill)
            dataset = dataset with { Trace = dataset.Trace with { FillMv = 0 } };

        var canonical = new StringBuilder().Append(
            CultureInfo.InvariantCulture,
            $"generator {GeneratorFormatVersion}\nseed {definition.Seed}\n"
        );
        if (dataset.Membrane is not null)
            canonical.Append(CultureInfo.InvariantCulture, $"membranes {MembraneFormatVersion}\n");
        canonical.Append("dataset ");
        Append(canonical, new YamlNodeWriter(DefinitionConverters.For(context: null), ContentText).Write(dataset));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical.ToString())));
    }

    /// <summary>The folder of a definition's dataset among others.</summary>
    /// <param name="datasets">The folder that has one folder a dataset.</param>
    /// <param name="hash">Hash of the dataset's definition.</param>
    internal static string Folder(string datasets, string hash) => Path.Combine(datasets, ShortHash.Of(hash));

    /// <summary>What stands in a canonical text for a file: its contents.</summary>
    internal static string ContentText(string path) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)))}";

    /// <summary>
    /// A text of our own, with each string's length before it, so that no change of the YAML library's layout changes a hash.
    /// </summary>
    private static void Append(StringBuilder text, YamlNode node)
    {
        switch (node)
        {
            case YamlMappingNode mapping:
                text.Append('{');
                foreach (var (key, value) in mapping.Children)
                {
                    Append(text, key);
                    Append(text, value);
                }
                text.Append('}');
                break;
            case YamlSequenceNode sequence:
                text.Append('[');
                foreach (var item in sequence.Children)
                    Append(text, item);
                text.Append(']');
                break;
            default:
                var scalar = ((YamlScalarNode)node).Value!;
                text.Append(CultureInfo.InvariantCulture, $"{scalar.Length}:{scalar}");
                break;
        }
    }
}

/// <summary>
/// The rows of a dataset, whatever is stored of each: their configurations, currents and order. Definitions of one population have the same
/// labels, row by row, in every split, and so the same chance; scores on it compare.
/// </summary>
/// <remarks>
/// It is the seed and the <c>dataset</c> section without what only decides how a simulated trace is written down: <c>trace.stimulus</c>,
/// <c>trace.spike_cuts</c>, <c>trace.fill_mv</c> and <c>shard_rows</c>; and without <c>source</c>, for the rows that are scored are those
/// of shards. Samples, steps, rates and what dt and the spike cut mean stay in
/// it: they decide which stretch of which voltage there is to read.
/// </remarks>
internal static class DatasetPopulation
{
    private const string Nothing = "nothing";
    private const int HashDigits = 16;

    /// <summary>Finds where definitions stop being of one population.</summary>
    /// <param name="definitions">The definitions.</param>
    /// <returns>The first key that differs, and its value in each of them; null where none does.</returns>
    /// <exception cref="FileNotFoundException">The neuron or a stimulus file is gone.</exception>
    public static (string Key, IReadOnlyList<string> Values)? Difference(IReadOnlyList<PipelineDefinition> definitions)
    {
        string[] seeds = [.. definitions.Select(d => ScalarValues.Format(d.Seed))];
        return IsOne(seeds) ? Difference("dataset", [.. definitions.Select(d => Node(d.Dataset))]) : ("seed", seeds);
    }

    private static YamlMappingNode Node(DatasetDefinition dataset)
    {
        var defaults = new TraceDefinition();
        // Where the steps are not given they follow from the spike cuts, so that they too have to be those of one form.
        var stored = dataset.Trace with
        {
            SpikeCuts = defaults.SpikeCuts,
            FillMv = defaults.FillMv,
            Stimulus = defaults.Stimulus,
        };
        var content = new YamlNodeWriter(
            DefinitionConverters.For(context: null),
            path => DatasetHash.ContentText(path)[..("sha256:".Length + HashDigits)]
        );
        var node = (YamlMappingNode)content.Write(dataset with { Trace = stored });
        node.Children.Remove(YamlNodeWriter.Text("shard_rows"));
        ((YamlMappingNode)node["splits"]["train"]).Children.Remove(YamlNodeWriter.Text("source"));
        return node;
    }

    /// <summary>Finds where nodes stop being equal.</summary>
    /// <param name="key">What the nodes are called.</param>
    /// <param name="nodes">The nodes; null for one that is not there.</param>
    /// <returns>The first key that differs, and its value in each of them; null where none does.</returns>
    internal static (string Key, IReadOnlyList<string> Values)? Difference(string key, YamlNode?[] nodes)
    {
        string[] values = [.. nodes.Select(Words)];
        if (IsOne(values))
            return null;
        if (!Array.TrueForAll(nodes, node => node is YamlMappingNode))
            return (key, values);
        var mappings = nodes.Cast<YamlMappingNode>().ToArray();
        return mappings
            .SelectMany(mapping => mapping.Children.Keys)
            .Distinct()
            .Select(child =>
                Difference(
                    $"{key}.{Words(child)}",
                    [.. mappings.Select(mapping => mapping.Children.TryGetValue(child, out var value) ? value : null)]
                )
            )
            .First(difference => difference is not null);
    }

    private static bool IsOne(string[] values) => Array.TrueForAll(values, value => value == values[0]);

    private static string Words(YamlNode? node) =>
        node switch
        {
            null => Nothing,
            YamlMappingNode mapping =>
                $"{{{string.Join(", ", mapping.Children.Select(entry => $"{Words(entry.Key)}: {Words(entry.Value)}"))}}}",
            YamlSequenceNode sequence => $"[{string.Join(", ", sequence.Children.Select(Words))}]",
            _ => ((YamlScalarNode)node).Value!,
        };
}
