using System.Globalization;

namespace GlifMl.Pipelines;

/// <summary>
/// True and predicted parameters of the test split, one row a trace: <c>predictions.csv</c> of a model's folder. Columns <c>KEY_true</c>
/// and <c>KEY_predicted</c> by Allen key, SI units.
/// </summary>
/// <param name="Targets">Allen keys, in label order.</param>
/// <param name="Rows">Traces in the file.</param>
/// <param name="Truth">One row a trace; of very many, of those that <see cref="RowSample"/> keeps.</param>
/// <param name="Predicted">The same traces, as the model gives them.</param>
internal sealed record PredictionFile(
    IReadOnlyList<string> Targets,
    long Rows,
    IReadOnlyList<double[]> Truth,
    IReadOnlyList<float[]> Predicted
)
{
    /// <summary>Begins the file: a row holds the truth and the answer of each target in turn.</summary>
    public static RowFile Create(string path, IEnumerable<string> targets) => new(path, targets.SelectMany(Columns));

    /// <summary>Writes a trace.</summary>
    public static void Add(RowFile file, ReadOnlySpan<double> truth, ReadOnlySpan<float> predicted)
    {
        for (var k = 0; k < truth.Length; k++)
        {
            file.Add(truth[k]);
            file.Add(predicted[k]);
        }

        file.EndRow();
    }

    /// <summary>Reads the file; null where there is none.</summary>
    /// <exception cref="InvalidDataException">The file is not what was written.</exception>
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
        var (truth, predicted, sample) = (new List<double[]>(), new List<float[]>(), new RowSample());
        for (var line = 2L; lines.MoveNext(); line++)
        {
            var cells = lines.Current.Split(',');
            if (cells.Length != header.Length)
                throw new InvalidDataException($"{path}:{line}: found {cells.Length} columns; expected {header.Length}: evaluate again");
            double Cell(int column) =>
                double.TryParse(cells[column], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
                    ? value
                    : throw new InvalidDataException($"{path}:{line}: found '{cells[column]}'; expected a finite number: evaluate again");
            double[] own = [.. targets.Select((_, k) => Cell(2 * k))];
            float[] answers = [.. targets.Select((_, k) => (float)Cell((2 * k) + 1))];
            if (sample.Next() is not { } place)
                continue;
            RowSample.Put(truth, place, own);
            RowSample.Put(predicted, place, answers);
        }

        return new PredictionFile(targets, sample.Rows, truth, predicted);
    }

    private static IEnumerable<string> Columns(string target) => [$"{target}_true", $"{target}_predicted"];
}
