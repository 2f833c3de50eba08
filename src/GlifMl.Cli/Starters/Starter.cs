using System.Reflection;
using GlifMl.Pipelines;

namespace GlifMl.Cli;

/// <summary>A folder to begin with: a definition and all that it names, so that nothing but the program is needed.</summary>
/// <param name="Name">What <c>glifml new</c> calls it, and the definition.</param>
/// <param name="Files">What is in it, by path from the folder.</param>
internal sealed record Starter(string Name, IReadOnlyList<(string Path, string Text)> Files)
{
    public const string Quickstart = "quickstart",
        Recordings = "recordings";

    private const string NeuronFile = "neurons/483101699_glif1.json";

    /// <summary>The file that is run.</summary>
    public string Definition => Files[0].Path;

    /// <summary>The quickstart, and a current of its own to simulate a trace under.</summary>
    public static Starter OfQuickstart()
    {
        var definition = Resource("quickstart.yaml")
            .Replace("../datasets/neurons/", "neurons/", StringComparison.Ordinal)
            .Replace(
                "dotnet run -c Release --project src/GlifMl.Cli -- run pipelines/quickstart.yaml",
                "glifml run quickstart.yaml",
                StringComparison.Ordinal
            );
        return new(Quickstart, [("quickstart.yaml", definition), .. Common(Quickstart, "trace.csv"), ("stimuli/noise.csv", Noise())]);
    }

    /// <summary>A definition for recordings of one rig.</summary>
    /// <param name="rig">How that rig records.</param>
    public static Starter OfRecordings(RecordingRig rig)
    {
        (string Path, string Text)[] currents = [.. rig.Currents.Select(current => ($"stimuli/{current.Name}.csv", current.Csv))];
        var own = string.Join('\n', currents.Select(current => $"        - {current.Path}"));
        return new(
            Recordings,
            [("recordings.yaml", rig.Fill(Resource("recordings.yaml"), own)), .. Common(Recordings, "YOUR-RECORDING"), .. currents]
        );
    }

    /// <summary>Writes the folder.</summary>
    /// <param name="folder">The folder; it may be there already.</param>
    /// <exception cref="InvalidDataException">One of the files is there already; nothing is written.</exception>
    public void Write(string folder)
    {
        foreach (var (path, _) in Files)
        {
            if (Path.Exists(Path.Combine(folder, path)))
                throw new InvalidDataException(
                    $"{Path.Combine(folder, path)}: found a file; expected none: name another folder with --out"
                );
        }

        foreach (var (path, text) in Files)
            OutputFile.WriteAllText(Path.Combine(folder, path), text);
    }

    private static IEnumerable<(string Path, string Text)> Common(string name, string recording)
    {
        yield return ("README.md", Readme(name, recording));
        yield return (NeuronFile, Resource("483101699_glif1.json"));
        yield return ("schema.json", DefinitionJsonSchema.ToText(EstimatorCatalog.Default));
    }

    private static string Readme(string name, string recording)
    {
        var simulate =
            name == Quickstart
                ? $"\nglifml simulate --neuron {NeuronFile} --stimulus stimuli/noise.csv --dt 1e-4 --out {recording}"
                : $"\nglifml inspect {recording}";
        return $"""
            # {name}

            In this folder:

            ```sh
            glifml run {name}.yaml{simulate}
            glifml score --model models/{name}/model.onnx {recording}
            ```

            `run` simulates the traces (`datasets/shards`), trains, exports, evaluates and reports
            (`models/{name}/report/report.html`). `glifml estimators` lists what a line of the pipeline can be; with schema.json
            an editor completes and checks the definition.

            The neuron is from the Allen Cell Types Database (© 2015 Allen Institute for Brain Science, celltypes.brain-map.org),
            specimen 483101699: noncommercial use with citation, Teeter et al. (2018), Nature Communications 9:709.

            """;
    }

    private static string Noise()
    {
        const double Dt = 1e-4,
            Seconds = 0.8;
        var amperes = new double[Stimulus.SampleCount(Seconds, Dt)];
        StimulusCatalog.Create("noise").Sample(Dt, amperes);
        return RecordingRig.Csv([.. amperes.Select(a => a * 1e12)], Dt);
    }

    private static string Resource(string name)
    {
        using var stream =
            Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"found no resource {name}; expected it in the program");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
