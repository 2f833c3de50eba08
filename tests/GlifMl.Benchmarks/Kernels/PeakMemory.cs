using System.Globalization;

namespace GlifMl.Benchmarks.Kernels;

/// <summary>The memory that one forward and backward pass adds to a process at its peak.</summary>
/// <param name="InputBytes">The input, which is not part of it.</param>
/// <param name="AddedBytes">Everything else: what is kept for backward, working memory, outputs and gradients.</param>
internal sealed record PeakMemory(long InputBytes, long AddedBytes)
{
    public const string Argument = "memory";

    /// <summary>Measures in a process of its own.</summary>
    public static PeakMemory Measure(bool fused, int hidden, int batch, int steps) =>
        ChildProcess.Run<PeakMemory>(
            [Argument, fused ? "fused" : "torch", .. ((int[])[hidden, batch, steps]).Select(n => n.ToString(CultureInfo.InvariantCulture))],
            HeapState.GivesBack
        );

    /// <summary>The child's part.</summary>
    public static int Return(string[] options)
    {
        var fused = options[0] == "fused";
        var sizes = Array.ConvertAll(options[1..], option => int.Parse(option, CultureInfo.InvariantCulture));
        using var layer = new LayerCase(sizes[0], sizes[1], sizes[2]);
        // The code is compiled and the threads started before the peak is reset; the heap has given back what this took.
        Run(layer, fused);
        ProcessMemory.ResetPeak();
        var before = ProcessMemory.ResidentBytes;
        Run(layer, fused);
        return ChildProcess.Return(new PeakMemory(layer.Input.Length * (long)sizeof(float), ProcessMemory.PeakBytes - before));
    }

    private static void Run(LayerCase layer, bool fused)
    {
        if (fused)
            layer.FusedTraining();
        else
            layer.TorchTraining();
    }
}
