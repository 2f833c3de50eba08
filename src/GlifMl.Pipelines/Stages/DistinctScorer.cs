using GlifMl.Onnx;

namespace GlifMl.Pipelines;

/// <summary>
/// Scores traces in batches, each distinct input once: the published study's test grid has 353 among 3,125, and a graph gives equal inputs
/// equal scores.
/// </summary>
internal sealed class DistinctScorer(OnnxModel model)
{
    private readonly Dictionary<InputKey, float[]?> _scores = [];
    private readonly List<InputKey> _rows = [];
    private readonly List<(InputKey Key, float[][] Channels)> _pending = [];

    /// <summary>Adds a trace.</summary>
    /// <param name="channels">The model's inputs, in its order.</param>
    public void Add(float[][] channels)
    {
        var key = InputKey.Of(Array.ConvertAll(channels, c => new ReadOnlyMemory<float>(c)));
        _rows.Add(key);
        if (!_scores.TryAdd(key, null))
            return;
        _pending.Add((key, channels));
        if (_pending.Count == model.Options.BatchRows)
            Complete();
    }

    /// <summary>Scores what waits for a full batch.</summary>
    public void Complete()
    {
        if (_pending.Count == 0)
            return;
        var stimuli = model.Info.ReadsStimulus ? _pending.Select(p => p.Channels[1]).ToArray() : null;
        var scores = model.Score(_pending.Select(p => p.Channels[0]).ToArray(), stimuli);
        for (var row = 0; row < _pending.Count; row++)
            _scores[_pending[row].Key] = [.. Enumerable.Range(0, scores.GetLength(1)).Select(k => scores[row, k])];
        _pending.Clear();
    }

    /// <summary>Tells a row's input from others.</summary>
    public InputKey Key(int row) => _rows[row];

    /// <summary>The scores of a row, after <see cref="Complete"/>.</summary>
    public ReadOnlySpan<float> Scores(int row) => _scores[_rows[row]];
}
