using System.Globalization;

namespace GlifMl.Pipelines;

/// <summary>
/// Where the truth lies in the posteriors of the test split, one row a trace: <c>calibration.csv</c> of a model's folder. Columns
/// <c>KEY_rank</c> and <c>KEY_told</c> by Allen key, then <c>joint_rank</c>; all from 0 to 1.
/// </summary>
/// <param name="Targets">Allen keys, in label order.</param>
/// <param name="Rows">One a trace; of very many, of those that <see cref="RowSample"/> keeps.</param>
internal sealed record CalibrationFile(IReadOnlyList<string> Targets, IReadOnlyList<TraceCalibration> Rows)
{
    private const string Joint = "joint_rank";

    /// <summary>Begins the file.</summary>
    public static RowFile Create(string path, IEnumerable<string> targets) => new(path, targets.SelectMany(Columns).Append(Joint));

    /// <summary>Writes a trace.</summary>
    public static void Add(RowFile file, TraceCalibration row)
    {
        for (var k = 0; k < row.Ranks.Length; k++)
        {
            file.Add(row.Ranks[k]);
            file.Add(row.Told[k]);
        }

        file.Add(row.JointRank);
        file.EndRow();
    }

    /// <summary>Reads the file; null where there is none.</summary>
    /// <exception cref="InvalidDataException">The file is not what was written.</exception>
    public static CalibrationFile? Load(string path)
    {
        if (!File.Exists(path))
            return null;
        using var lines = File.ReadLines(path).GetEnumerator();
        var header = lines.MoveNext() ? lines.Current.Split(',') : [];
        string[] targets = [.. header.Where(h => h.EndsWith("_told", StringComparison.Ordinal)).Select(h => h[..^"_told".Length])];
        if (targets.Length == 0 || !header.SequenceEqual(targets.SelectMany(Columns).Append(Joint)))
            throw new InvalidDataException(
                $"{path}:1: found columns '{string.Join(',', header)}'; expected KEY_rank,KEY_told for each target, then {Joint}: "
                    + "evaluate again"
            );
        var (rows, sample) = (new List<TraceCalibration>(), new RowSample());
        for (var line = 2L; lines.MoveNext(); line++)
        {
            double[] cells =
            [
                .. lines
                    .Current.Split(',')
                    .Select(cell =>
                        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : double.NaN
                    ),
            ];
            if (cells.Length != header.Length || !cells.All(cell => cell is >= 0 and <= 1))
                throw new InvalidDataException(
                    $"{path}:{line}: found '{lines.Current}'; expected {header.Length} numbers from 0 to 1: evaluate again"
                );
            if (sample.Next() is not { } place)
                continue;
            RowSample.Put(
                rows,
                place,
                new TraceCalibration(
                    [.. targets.Select((_, k) => cells[2 * k])],
                    [.. targets.Select((_, k) => cells[(2 * k) + 1])],
                    cells[^1]
                )
            );
        }

        return new CalibrationFile(targets, rows);
    }

    private static IEnumerable<string> Columns(string target) => [$"{target}_rank", $"{target}_told"];
}

/// <summary>Where the truth of one trace lies in its posterior.</summary>
/// <param name="Ranks">The probability below the truth, by parameter.</param>
/// <param name="Told">How much the trace tells, by parameter.</param>
/// <param name="JointRank">The share of draws that are nearer than the truth to a point that does not depend on it.</param>
internal sealed record TraceCalibration(double[] Ranks, double[] Told, double JointRank);
