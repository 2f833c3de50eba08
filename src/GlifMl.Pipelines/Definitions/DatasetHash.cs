using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using YamlDotNet.RepresentationModel;

namespace GlifMl.Pipelines;

/// <summary>Names a dataset by what it holds: equal hashes mean equal shards.</summary>
public static class DatasetHash
{
    /// <summary>Version of what the generator writes for one definition. Raise it with any change that alters a shard's bytes.</summary>
    public const int GeneratorFormatVersion = 2;

    /// <summary>
    /// Hashes what decides the bytes of a dataset: the resolved <c>dataset</c> section, the seed, the contents of the neuron and stimulus files and
    /// <see cref="GeneratorFormatVersion"/>. The chain, the targets, names, file places, formatting and comments do not count.
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
            $"generator {GeneratorFormatVersion}\nseed {definition.Seed}\ndataset "
        );
        Append(canonical, new YamlNodeWriter(DefinitionConverters.For(context: null), ContentText).Write(dataset));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical.ToString())));
    }

    /// <summary>The folder of a definition's dataset among others.</summary>
    /// <param name="datasets">The folder that has one folder a dataset.</param>
    /// <param name="hash">Hash of the dataset's definition.</param>
    internal static string Folder(string datasets, string hash) => Path.Combine(datasets, ShortHash.Of(hash));

    /// <summary>What stands in a canonical text for a file: its contents.</summary>
    internal static string ContentText(string path) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)))}";

    /// <summary>A text of our own, with each string's length before it, so that no change of the YAML library's layout changes a hash.</summary>
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
