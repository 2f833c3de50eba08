using GlifMl.Torch;

namespace GlifMl.Pipelines;

/// <summary>What a run needs, asked for before it starts: what is missing at the end of an hour's training costs the hour.</summary>
internal static class RunNeeds
{
    // Noise-free traces were never seen to compress more than 30-fold, noisy ones not 2-fold: with less
    // room than that, a disk is surely too full.
    private const int MostCompression = 30,
        MostCompressionOfNoise = 2;

    /// <summary>Checks the definition's files, the folders that are written to, the disk, and libtorch where it is used.</summary>
    /// <param name="pipeline">What is to be run.</param>
    /// <param name="generates">Whether the run makes shards.</param>
    /// <exception cref="InvalidDataException">A file of the definition is at fault, or a folder's place is taken by a file.</exception>
    /// <exception cref="IOException">A folder cannot be written to, or the disk is too full.</exception>
    /// <exception cref="DllNotFoundException">libtorch cannot be loaded.</exception>
    /// <exception cref="ArgumentException">GLIFML_KERNEL names no kernel of this machine.</exception>
    public static void Check(Pipeline pipeline, bool generates)
    {
        if (generates)
            CheckShards(pipeline);
        if (pipeline.Definition.Steps.Any(step => step.Options is TrainerOptions))
            TorchRuntime.Check();
        RequireWritable(pipeline.Model.Path, "the model");
        // ML.NET and OnnxRuntime keep what they convert there.
        RequireWritable(Path.GetTempPath(), "temporary files");
    }

    private static void CheckShards(Pipeline pipeline)
    {
        var trace = pipeline.Definition.Dataset.Trace;
        var bytes = 0L;
        foreach (var (split, definition) in pipeline.Definition.Dataset.Splits.Present)
        {
            // It reads the neuron and the stimuli, and says what is wrong with them.
            var source = TraceSources.Of(pipeline.Definition, split);
            if (definition.IsEndless)
                continue;
            var there = new DirectoryInfo(Path.Combine(pipeline.LocalData, split));
            var raw = source.Count * trace.Samples * sizeof(float) * (trace.Stimulus ? 2 : 1);
            var least = raw / (trace.Noise is null ? MostCompression : MostCompressionOfNoise);
            bytes += Math.Max(0, least - (there.Exists ? there.EnumerateFiles().Sum(file => file.Length) : 0));
        }

        var folder = RequireWritable(pipeline.LocalData, "the shards");
        if (new DriveInfo(folder).AvailableFreeSpace is var free && free < bytes)
            throw new IOException($"{folder}: found {Mebibytes(free)} MiB free; expected at least {Mebibytes(bytes)} MiB for the shards");
    }

    private static string Mebibytes(long bytes) => ScalarValues.Format(bytes >> 20);

    /// <summary>
    /// Writes a file to the folder, or, where it is not there yet, to the one that it will be made in, and takes it away again.
    /// </summary>
    /// <returns>The folder written to.</returns>
    private static string RequireWritable(string folder, string what)
    {
        var existing = Path.GetFullPath(folder);
        while (!Directory.Exists(existing))
        {
            if (File.Exists(existing))
                throw new InvalidDataException($"{existing}: found a file; expected a folder for {what}");
            existing =
                Path.GetDirectoryName(existing)
                ?? throw new DirectoryNotFoundException($"{folder}: found no such drive; expected a folder for {what}");
        }

        try
        {
            AtomicFile.Create(Path.Combine(existing, "glifml")).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"{folder}: found no way to write there ({e.Message.ReplaceLineEndings(" ")}); expected a folder for {what}",
                e
            );
        }

        return existing;
    }
}
