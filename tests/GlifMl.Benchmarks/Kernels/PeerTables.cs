using System.Globalization;

namespace GlifMl.Benchmarks.Kernels;

/// <summary>The fused layer against its peers: the tables of the report, and the excerpt that README shows.</summary>
/// <param name="line">Writes a line of the report.</param>
/// <param name="pairs">Samples of each.</param>
/// <param name="steps">Length of the long traces.</param>
internal sealed class PeerTables(Action<string> line, int pairs, int steps)
{
    private const string Columns =
        "| hidden | batch | steps | channels | peer as it comes | peer at its best | threads | fused | ratio as it comes | ratio |";
    private const string Alignment = "|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|";
    private const string Results = "../../tests/GlifMl.Benchmarks/results";
    private static readonly (string Name, string Value) HeldToAvx2 = ("ONEDNN_MAX_CPU_ISA", "AVX2");
    private readonly List<string> _training = [];
    private readonly List<string> _forward = [];
    private readonly List<string> _notes = [];

    public void WriteTraining()
    {
        line("## Forward and backward, against nn.LSTM");
        line("");
        line(
            "The loss is the time mean, which sends a gradient to every step. nn.LSTM stands twice: as a user gets it, and at its best, "
                + "that is on the quicker of one thread and all, with the heap kept (mallopt) and warm. The ratio that counts is the "
                + "second. Each row in a process of its own, after nn.LSTM's answer has been compared with a double reference; in brackets "
                + "the shortest and the longest sample."
        );
        line("");
        line(Columns);
        line(Alignment);
        foreach (
            var (hidden, batch, steps, channels) in ((int, int, int, int)[])
                [(5, 16, steps, 1), (5, 1, steps, 1), (32, 16, steps, 1), (32, 32, 250, 5)]
        )
            WritePair(LayerWork.TrainMean, hidden, batch, steps, channels, readme: _training);
        line("");
        line(
            "A loss on the final states alone sends back a gradient that fades. Where all of it is below the smallest normal float the "
                + "fused backward pass stops: how early depends on the weights, here those that nn.LSTM starts with."
        );
        line("");
        line(Columns);
        line(Alignment);
        WritePair(LayerWork.TrainFinal, 5, 16, steps, 1, readme: null);
        line("");
    }

    public void WriteForward()
    {
        line("## Forward only");
        line("");
        foreach (
            var (name, work) in ((string, LayerWork)[])
                [("nn.LSTM without gradients", LayerWork.ForwardTorch), ("OnnxRuntime", LayerWork.ForwardOnnx)]
        )
        {
            line($"Against {name}:");
            line("");
            line(Columns);
            line(Alignment);
            foreach (var (hidden, batch) in ((int, int)[])[(5, 16), (5, 1), (32, 16)])
                WritePair(work, hidden, batch, steps, 1, readme: hidden == 5 && batch == 16 ? _forward : null);
            line("");
        }

        foreach (var note in _notes)
            line(note);
        line("");
    }

    /// <summary>A row; a peer that answers wrongly is timed with oneDNN held to AVX2, which mends it, and that is said.</summary>
    private void WritePair(LayerWork work, int hidden, int batch, int length, int channels, List<string>? readme)
    {
        var pair = LayerPair.Measure(work, hidden, batch, length, channels, pairs);
        if (!pair.PeerIsRight)
        {
            _notes.Add(
                $"- Hidden {hidden}, {work}: the peer answers wrongly here, off by {pair.PeerError:G2}; "
                    + $"timed with {HeldToAvx2.Name}={HeldToAvx2.Value}."
            );
            pair = LayerPair.Measure(work, hidden, batch, length, channels, pairs, HeldToAvx2);
        }

        if (pair is not { PeerIsRight: true, AsItComes: { } user, AtItsBest: { } best })
        {
            line($"| {hidden} | {batch} | {length} | {channels} | wrong: off by {pair.PeerError:G2} | | | | | |");
            return;
        }

        line(
            $"| {hidden} | {batch} | {length} | {channels} | {Ms(user.PeerSeconds, user.PeerRange)} "
                + $"| {Ms(best.PeerSeconds, best.PeerRange)} | {pair.BestThreads} | {Ms(best.Seconds, best.Range)} "
                + $"| {user.Ratio:F1} | {best.Ratio:F1} |"
        );
        var peer = work switch
        {
            LayerWork.ForwardTorch => ", against nn.LSTM without gradients",
            LayerWork.ForwardOnnx => ", against OnnxRuntime",
            _ => "",
        };
        readme?.Add(
            $"| hidden {hidden}, batch {batch}, {length.ToString("N0", CultureInfo.InvariantCulture)} steps"
                + $"{(channels > 1 ? $", {channels} channels" : "")}{peer} | {Ms(user.PeerSeconds)} | {Ms(best.PeerSeconds)} "
                + $"| {Ms(best.Seconds)} | {best.Ratio:F1} |"
        );
    }

    /// <summary>What src/GlifMl.Lstm/README.md shows between its kernel-table comments; a test compares the two.</summary>
    public string Excerpt(Measured where) =>
        $"""
            On {where.Machine}, bidirectional layer, ours and the peer's in turn, medians of {pairs} pairs. The loss is the time mean: a
            gradient at every step. nn.LSTM is TorchSharp {where.TorchSharp}'s, as a user gets it and at its best: on the quicker of one
            thread and all, its heap kept, warm. The ratio is to its best.

            | forward and backward | nn.LSTM as it comes | at its best | fused | ratio |
            |---|---:|---:|---:|---:|
            {string.Join('\n', _training)}

            | forward only | peer as it comes | at its best | fused | ratio |
            |---|---:|---:|---:|---:|
            {string.Join('\n', _forward)}

            ![Time and memory against size]({Results}/{where.Figure})

            """;

    private static string Ms(double seconds) => $"{seconds * 1e3:F1} ms";

    private static string Ms(double seconds, SecondsRange range) => $"{Ms(seconds)} ({range.Shortest * 1e3:F1}-{range.Longest * 1e3:F1})";
}

/// <summary>Where a measurement was made.</summary>
/// <param name="Machine">Cores and processor.</param>
/// <param name="TorchSharp">Its version.</param>
/// <param name="Figure">The figure's path in the folder of results.</param>
internal sealed record Measured(string Machine, string TorchSharp, string Figure);
