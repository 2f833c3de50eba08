using System.Globalization;
using System.Text;

namespace GlifMl.Pipelines;

/// <summary>
/// True and predicted parameters of the test split, one row a trace: <c>predictions.csv</c> of a model's folder. Columns <c>KEY_true</c>
/// and <c>KEY_predicted</c> by Allen key, SI units.
/// </summary>
/// <param name="Targets">Allen keys, in label order.</param>
/// <param name="Truth">One row a trace.</param>
/// <param name="Predicted">One row a trace, as the model gives them.</param>
internal sealed record PredictionFile(IReadOnlyList<string> Targets, List<double[]> Truth, List<float[]> Predicted)
{
    /// <summary>Adds a trace.</summary>
    public void Add(ReadOnlySpan<double> truth, ReadOnlySpan<float> predicted)
    {
        Truth.Add(truth.ToArray());
        Predicted.Add(predicted.ToArray());
    }

    /// <summary>Reads the file; null where there is none.</summary>
    /// <exception cref="InvalidDataException">The file is not what <see cref="Save"/> writes.</exception>
    public static PredictionFile? Load(string path)
    {
        if (!File.Exists(path))
            return null;
        using var lines = File.ReadLines(path).GetEnumerator();
        var header = lines.MoveNext() ? lines.Current.Split(',') : [];
        var targets = header.Where(h => h.EndsWith("_true", StringComparison.Ordinal)).Select(h => h[..^"_true".Length]).ToArray();
        if (!header.SequenceEqual(targets.SelectMany(Columns)) || targets.Length == 0)
            throw new InvalidDataException(
                $"{path}:1: found columns '{string.Join(',', header)}'; expected KEY_true,KEY_predicted for each target: evaluate again"
            );
        var (truth, predicted) = (new List<double[]>(), new List<float[]>());
        for (var line = 2; lines.MoveNext(); line++)
        {
            var cells = lines.Current.Split(',');
            if (cells.Length != header.Length)
                throw new InvalidDataException($"{path}:{line}: found {cells.Length} columns; expected {header.Length}: evaluate again");
            double Cell(int column) =>
                double.TryParse(cells[column], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
                    ? value
                    : throw new InvalidDataException($"{path}:{line}: found '{cells[column]}'; expected a finite number: evaluate again");
            truth.Add([.. targets.Select((_, k) => Cell(2 * k))]);
            predicted.Add([.. targets.Select((_, k) => (float)Cell((2 * k) + 1))]);
        }

        return new PredictionFile(targets, truth, predicted);
    }

    /// <summary>Writes the file, whole or not at all.</summary>
    public void Save(string path)
    {
        var text = new StringBuilder().AppendJoin(',', Targets.SelectMany(Columns)).Append('\n');
        for (var row = 0; row < Truth.Count; row++)
        {
            for (var k = 0; k < Targets.Count; k++)
                text.Append(CultureInfo.InvariantCulture, $"{(k > 0 ? "," : "")}{Truth[row][k]:R},{Predicted[row][k]:R}");
            text.Append('\n');
        }

        AtomicFile.WriteAllText(path, text.ToString());
    }

    private static IEnumerable<string> Columns(string target) => [$"{target}_true", $"{target}_predicted"];
}
